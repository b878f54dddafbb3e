#!/usr/bin/env python3
"""Google's own Python client and mcp-gcp get tokens from the same double, and ask its APIs the same."""
import base64
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import focus_client  # noqa: E402
import gcp_double  # noqa: E402
import node  # noqa: E402
import peers  # noqa: E402

AWS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
       "AWS_REGION": "us-east-2"}
KINDS = ["key", "grant", "user", "file", "url", "impersonated", "aws", "metadata"]
# What a library sends that says nothing: the format of answers that is the usual one.
IDLE = {"alt": ["json"]}


def make(source, folder):
    peers.command(sys.executable, "-m", "venv", folder / "venv")
    peers.command(folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "-r", source / "requirements.txt")


def credentials(double, kind, home):
    file = {"file": double.write(home, "token", double.subject)}
    aws = {"environment_id": "aws1", "region_url": double.url + "/imds/zone", "url": double.url + "/imds/credentials",
           "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}
    return {
        "key": double.service_account, "grant": double.service_account, "user": double.user, "metadata": dict,
        "file": lambda: double.federation(file),
        "url": lambda: double.federation({"url": double.url + "/subject"}),
        "impersonated": lambda: double.federation(file, service_account_impersonation_url=double.impersonation_url()),
        "aws": lambda: double.federation(aws, subject_token_type="urn:ietf:params:aws:token-type:aws4_request"),
    }[kind]()


def claims(jwt):
    return sorted(json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "==")))


def form(body):
    """A form with what differs each time put aside; the audience of a grant is named by the key or by the library."""
    out = {k: v[0] for k, v in urllib.parse.parse_qs(body, keep_blank_values=True).items()}
    if "assertion" in out:
        out["assertion"] = [c for c in claims(out["assertion"]) if c != "sub"]
    if out.get("subject_token", "").startswith("%7B"):
        request = json.loads(urllib.parse.unquote(out["subject_token"]))
        out["subject_token"] = [request["url"], request["method"], sorted(h["key"].lower() for h in request["headers"])]
    if out["grant_type"] == "refresh_token":
        out.pop("scope", None)  # a login has the scopes that were agreed to
    elif out.get("scope") == gcp_double.IAM_SCOPE:
        out["scope"] = gcp_double.SCOPE  # either is enough to impersonate
    return out


def asked(double, identity):
    """What the double was asked, in a form to compare: by name of the request."""
    out = {}
    for verb, path, query, headers, body in double.log:
        headers = {k.lower(): v for k, v in headers.items()}
        is_token = path in ("/token", "/v1/token")
        # What else a library wants to know of a machine, or whether one is there, is its own affair.
        if path.startswith("/computeMetadata/") and not path.endswith("/token") or path == "/":
            continue
        if (is_token or "generateAccessToken" in path or "computeMetadata" in path or path == "/subject") != identity:
            continue
        entry = {"query": {k: v for k, v in query.items() if IDLE.get(k) != v},
                 "quota": headers.get("x-goog-user-project"),
                 "auth": headers.get("authorization", "").split(" ")[0]}
        if is_token:
            entry["form"] = form(body)
        elif body:
            entry["json"] = {k: v for k, v in json.loads(body).items() if v not in (None, [])}
        bearer = headers.get("authorization", " ").split(" ")[1]
        entry["who"] = double.tokens.get(bearer) or (claims(bearer) if bearer.count(".") == 2 else "")
        out["%s %s" % (verb, path)] = entry
    return out


def official(double, kind, path, home, python):
    env = dict(focus_client.environment(str(home)), NO_PROXY="*", GCE_METADATA_HOST="127.0.0.1:%d" % double.port,
               **(AWS if kind == "aws" else {}))
    subprocess.run([str(python), str(peers.CLIENTS / "google/client.py"), kind, path, double.url, gcp_double.SCOPE], env=env,
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120)


def ours(double, kind, path, home):
    env = dict(focus_client.environment(str(home)), **double.endpoints(), GCP_RECOMMENDATION_SCOPES="projects/billing-project",
               GCP_RECOMMENDERS="google.compute.image.IdleResourceRecommender", GCP_RESOURCE_SCOPE="projects/billing-project",
               **(AWS if kind == "aws" else {}))
    if kind == "metadata":
        env.update(GCE_METADATA_HOST="127.0.0.1:%d" % double.port, METADATA_SERVER_DETECTION="")
    else:
        env["GOOGLE_APPLICATION_CREDENTIALS"] = path
    for tool in ("get_recommendations", "get_resources"):
        subprocess.run([os.path.join(os.environ["MCP_BIN"], "mcp-gcp"), "call", tool], env=env, check=True, cwd=home,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120)


def compare(kind, home, python):
    seen = []
    for run in (lambda *a: official(*a, python), ours):
        with gcp_double.Double() as double:
            double.locations = ["global"]
            double.self_signed = kind != "grant"
            # Google asks to sign the target; its own library does not.
            double.aws = {"id": AWS["AWS_ACCESS_KEY_ID"], "secret": AWS["AWS_SECRET_ACCESS_KEY"], "region": AWS["AWS_REGION"],
                          "target_unsigned": run is not ours}
            run(double, kind, double.write(str(home), kind + ".json", credentials(double, kind, str(home))), home)
            # The ports differ, nothing else may.
            seen.append([json.loads(json.dumps(asked(double, which)).replace(str(double.port), "PORT")) for which in (True, False)])
            if double.faults_seen:
                yield "Google does not describe it so: %s" % double.faults_seen
    for theirs, mine, what in zip(*seen, ("identity", "APIs")):
        for name in sorted(set(theirs) | set(mine)):
            if kind == "grant" and mine.get(name, {}).get("who") == ["exp", "iat", "iss", "scope", "sub"]:
                continue  # the self-signed one that was refused before
            if theirs.get(name) != mine.get(name):
                yield "%s: %s\n    Google's client %s\n    mcp-gcp         %s" % (what, name, theirs.get(name), mine.get(name))
    if len(seen[1][1]) != 3:
        yield "only %s was asked" % sorted(seen[1][1])


def main():
    try:
        folder = peers.build("google", make)
    except subprocess.CalledProcessError:
        peers.skip("Google's client cannot be installed from PyPI, so that NOTHING was compared with it")
    failed = 0
    for kind in KINDS:
        with node.folder() as home:
            wrong = list(compare(kind, home, folder / "venv/bin/python"))
        failed += bool(wrong)
        print("%s google %s" % ("FAIL" if wrong else "PASS", "\n  ".join([kind] + wrong)), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
