#!/usr/bin/env python3
"""Google's own Python client: client.py KIND FILE URL SCOPE gets a token at the double and asks what mcp-gcp asks."""
import sys
import warnings

warnings.simplefilter("ignore")
import google.auth.transport.requests  # noqa: E402
from google.api_core.client_options import ClientOptions  # noqa: E402
from google.auth import aws, compute_engine, identity_pool  # noqa: E402
from google.oauth2 import credentials, service_account  # noqa: E402
from googleapiclient.discovery import build  # noqa: E402

PROJECT = "projects/billing-project"
RECOMMENDER = "google.compute.image.IdleResourceRecommender"


def load(kind, path, url, scopes):
    """By class: google.auth.default would ask the real Resource Manager for a project."""
    if kind == "metadata":
        return compute_engine.Credentials(scopes=scopes)
    if kind in ("key", "grant"):
        made = service_account.Credentials.from_service_account_file(path, scopes=scopes)
        return made.with_always_use_jwt_access(kind == "key")
    if kind == "user":
        made = credentials.Credentials.from_authorized_user_file(path, scopes=scopes)
        made._token_uri = url + "/token"
        return made
    return (aws if kind == "aws" else identity_pool).Credentials.from_file(path, scopes=scopes)


def main():
    kind, path, url, scope = sys.argv[1:]
    creds = load(kind, path, url, [scope])
    if kind == "key":
        creds._create_self_signed_jwt(None)  # with the scope, as mcp-gcp does
    creds.refresh(google.auth.transport.requests.Request())
    options = ClientOptions(api_endpoint=url)

    def api(name, version):
        return build(name, version, credentials=creds, client_options=options, static_discovery=True)

    api("recommender", "v1beta1").projects().locations().list(name=PROJECT).execute()
    api("recommender", "v1").projects().locations().recommenders().recommendations().list(
        parent="%s/locations/global/recommenders/%s" % (PROJECT, RECOMMENDER), pageSize=200,
        filter="stateInfo.state = ACTIVE OR stateInfo.state = CLAIMED").execute()
    api("cloudasset", "v1").v1().searchAllResources(scope=PROJECT, pageSize=500).execute()
    print(creds.token)


if __name__ == "__main__":
    main()
