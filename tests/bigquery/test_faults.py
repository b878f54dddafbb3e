#!/usr/bin/env python3
"""What BigQuery does besides answering: waiting, pages, limits, refusals, faults, cancellation; by the contract double."""
import json
import sys
import time
import unittest
from decimal import Decimal

import description
import double as d
import gcp

MONTH = {'start_date': '2025-11-01', 'end_date': '2025-11-15'}
NOW = '2025-11-20T20:00:00Z'


class Faults(unittest.TestCase):
    longMessage = False

    @classmethod
    def setUpClass(cls):
        cls.home = gcp.Home()

    @classmethod
    def tearDownClass(cls):
        cls.home.remove()

    def setUp(self):
        self.double = None

    def tearDown(self):
        if self.double:
            self.double.close()
            self.assertEqual(self.double.problems, [])

    def ask(self, *script, arguments=MONTH, deadline='20s', flags=(), env=None, **more):
        """(answer, error) of one get_costs in a server of its own."""
        self.double = d.Double(**more)
        self.double.script = list(script)
        with gcp.Server(self.home.environment(self.double.url, **(env or {})), '--deadline', deadline, *flags, now=NOW) as server:
            start = time.monotonic()
            answer = server.call('get_costs', arguments)
            self.took = time.monotonic() - start
        return answer

    def methods(self):
        return [m for m, _, _ in self.double.seen]

    def answered(self, *script, total='1.25', **more):
        got, error = self.ask(*script, **more)
        self.assertIsNotNone(got, error)
        self.assertEqual(got['total_cost'], Decimal(total))
        return got

    def refused(self, *script, says=(), within=20, **more):
        got, error = self.ask(*script, **more)
        self.assertIsNone(got, 'an answer: %s' % got)
        for word in says:
            self.assertIn(word, error, '%s is not in: %s' % (word, error))
        self.assertLess(self.took, within, 'it took %.1f s' % self.took)
        return error

    # ---- the plain way ----

    def test_bytes_and_price_stand_in_the_source(self):
        got = self.answered(dry_bytes=1 << 40, table_bytes=1 << 39, env={'GCP_BILLING_MAX_BYTES_QUERY': '2048GiB', 'GCP_BILLING_MAX_BYTES_DAY': '9000GiB'})
        # Freshness and the question itself: two queries of 1 TiB at 6.25 dollars.
        self.assertEqual(got['source']['bytes_scanned'], 2 << 40)
        self.assertEqual(got['source']['price_usd'], Decimal('12.5'))
        self.assertEqual(got['source']['backend'], 'bigquery')

    def test_values_travel_as_parameters_only(self):
        nasty = "x'; DROP TABLE t; --"
        self.ask(arguments=dict(MONTH, filters={'tag:' + nasty: [nasty], 'resource': [nasty]}))
        for method, _, sent in self.double.seen:
            if method == 'jobs.query':
                self.assertNotIn('DROP', sent['query'])
                self.assertIs(sent['useLegacySql'], False)
                self.assertEqual(sent['parameterMode'], 'NAMED')
        self.assertTrue(any(nasty in json.dumps(s.get('queryParameters'), ensure_ascii=False) for _, _, s in self.double.seen))

    def test_a_query_says_what_bounds_it(self):
        self.double = d.Double()
        with gcp.Server(self.home.environment(self.double.url, GCP_BILLING_JOB_PROJECT='payer-project'), now=NOW) as server:
            got, error = server.call('get_costs', MONTH)
            self.assertIsNotNone(got, error)
        sent = [s for m, _, s in self.double.seen if m == 'jobs.query'][-1]
        self.assertEqual(sent['maximumBytesBilled'], str(10 << 30))
        # A live call has a minute where nobody says otherwise, and BigQuery ends the job with it.
        self.assertTrue(30000 < int(sent['jobTimeoutMs']) <= 60000, sent['jobTimeoutMs'])
        self.assertEqual(sent['formatOptions'], {'useInt64Timestamp': True})
        self.assertEqual(sent['location'], d.LOCATION)
        self.assertEqual(sent['labels'], {'app': 'mcp-gcp'})
        self.assertLessEqual(len(sent['requestId']), 36)
        self.assertTrue(all('payer-project' in path for m, path in self.double.paths if m == 'jobs.query'))
        self.assertTrue(all('payer-project' not in path for m, path in self.double.paths if m == 'tables.get'))

    def test_what_bigquery_remembers_costs_nothing(self):
        def remembered(answer):
            answer.update(cacheHit=True, totalBytesProcessed='0', totalBytesBilled='0')
        got = self.answered(d.changed(remembered), dry_bytes=1 << 40, table_bytes=1 << 39,
                            env={'GCP_BILLING_MAX_BYTES_QUERY': '2048GiB', 'GCP_BILLING_MAX_BYTES_DAY': '9000GiB'})
        self.assertEqual((got['source']['bytes_scanned'], got['source']['price_usd']), (1 << 40, Decimal('6.25')))

    def test_zero_rows_are_no_finding_of_zero(self):
        got, error = self.ask(groups=0)
        self.assertIsNotNone(got, error)
        self.assertIsNone(got['total_cost'])
        self.assertIn('no_data', [w['code'] for w in got['warnings']])

    def test_an_answer_may_be_compressed(self):
        self.double = d.Double()
        self.double.zip = True
        with gcp.Server(self.home.environment(self.double.url), now=NOW) as server:
            got, error = server.call('get_costs', MONTH)
        self.assertIsNotNone(got, error)
        self.assertEqual(got['total_cost'], Decimal('1.25'))
        self.assertEqual(self.double.zipped, len(self.double.seen), 'Google compresses only for those who ask')

    def test_a_second_question_needs_one_request(self):
        self.double = d.Double()
        with gcp.Server(self.home.environment(self.double.url), now=NOW) as server:
            server.call('get_costs', MONTH)
            before = len(self.double.seen)
            server.call('get_costs', dict(MONTH, group_by=['project']))
            self.assertEqual(len(self.double.seen) - before, 1)
            before = len(self.double.seen)
            got, _ = server.call('get_costs', MONTH)
            self.assertEqual(len(self.double.seen), before, 'the result cache was not asked')
            self.assertIs(got['source']['cached'], True)

    # ---- waiting and pages ----

    def test_a_job_that_is_not_complete_is_waited_for(self):
        self.answered(d.not_complete, d.not_complete)
        self.assertEqual(self.methods().count('jobs.getQueryResults'), 2)

    def test_pages_are_read_to_the_end(self):
        got = self.answered(groups=25, page_rows=7, total='331.25', arguments=dict(MONTH, limit=5))
        self.assertEqual(self.methods().count('jobs.getQueryResults'), 3)
        self.assertEqual(got['other']['groups'], 20)

    def test_the_same_page_twice_is_no_answer(self):
        def loop(answer):
            answer['pageToken'] = 'p7'
        self.refused(d.as_usual, d.changed(loop), says=['same page twice'], groups=25, page_rows=7)

    def test_rows_that_are_missing_are_no_answer(self):
        def drop(answer):
            answer['rows'] = answer['rows'][:-1]
        self.refused(d.changed(drop), says=['sent 1 of 2 rows'])

    def test_waiting_and_pages_survive_what_passes(self):
        self.answered(d.not_complete, d.once(503, 'backendError'), d.once(403, 'rateLimitExceeded'))
        self.double.close()
        self.answered(d.as_usual, d.once(500, 'internalError'), d.as_usual, d.reset, groups=25, page_rows=7, total='331.25',
                      arguments=dict(MONTH, limit=5))

    def test_a_job_that_fails_while_it_is_waited_for_says_why(self):
        self.refused(d.not_complete, d.once(400, 'resourcesExceeded', 'Resources exceeded during query execution'),
                     says=['Resources exceeded'])
        self.double.close()
        self.refused(d.not_complete, d.once(404, 'notFound', 'Not found: Job payer:EU.job-3', word='NOT_FOUND'),
                     says=['Not found: Job', 'gcp.billing'])

    def test_a_page_that_cannot_be_had_is_no_answer(self):
        self.refused(d.as_usual, d.as_usual, d.once(400, 'invalid', 'Invalid page token'), says=['Invalid page token'], groups=25, page_rows=7)
        self.double.close()

        def back(answer):
            return {'kind': answer['kind'], 'jobComplete': False, 'jobReference': answer['jobReference']}
        self.refused(d.as_usual, d.changed(back), says=['took a finished query back'], groups=25, page_rows=7)

    def test_a_job_without_a_name_cannot_be_waited_for(self):
        def nameless(answer):
            return {'kind': answer['kind'], 'jobComplete': False}
        self.refused(d.changed(nameless), says=['named no job'])

    def test_a_silent_job_is_cancelled_at_the_deadline(self):
        self.refused(*[d.not_complete] * 60, deadline='3s', within=6)
        self.assertTrue(self.double.cancelled.wait(5), 'no jobs.cancel')

    def test_a_cancelled_call_cancels_its_job(self):
        self.double = d.Double()
        self.double.script = [d.not_complete] * 100
        with gcp.Server(self.home.environment(self.double.url), now=NOW) as server:
            server.send({'jsonrpc': '2.0', 'id': 77, 'method': 'tools/call', 'params': {'name': 'get_costs', 'arguments': MONTH}})
            while 'jobs.getQueryResults' not in self.methods():
                self.assertTrue(self.double.asked.wait(10))
                time.sleep(0.01)
            server.send({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': 77}})
            self.assertTrue(self.double.cancelled.wait(10), 'no jobs.cancel')

    # ---- limits ----

    def test_too_large_a_query_is_refused_before_it_runs(self):
        self.refused(table_bytes=1 << 40, says=['too_expensive', '1.0 TiB', '10.0 GiB', 'start_date', 'max_bytes_query'])
        self.assertFalse([1 for m, _, s in self.double.seen if m == 'jobs.query' and not s.get('dryRun')])

    def test_a_limit_that_only_bigquery_sees_is_told_in_the_same_words(self):
        self.refused(d.once(400, 'bytesBilledLimitExceeded'), says=['too_expensive', 'free of charge', 'max_bytes_query'])

    def test_the_bytes_of_a_day_are_limited(self):
        self.refused(table_bytes=6 << 30, dry_bytes=6 << 30, env={'GCP_BILLING_MAX_BYTES_DAY': '10GiB'},
                     says=['daily_bytes', '6.0 GiB', '4.0 GiB', 'max_bytes_day'])

    def test_a_job_that_was_left_counts_in_full(self):
        self.double = d.Double(table_bytes=6 << 30)
        self.double.script = [d.not_complete] * 100
        env = self.home.environment(self.double.url, GCP_BILLING_MAX_BYTES_DAY='16GiB')
        with gcp.Server(env, '--deadline', '2s', now=NOW) as server:
            server.call('get_costs', MONTH)    # freshness is answered and costs nothing more; this job runs on
            self.assertTrue(self.double.cancelled.wait(5))
            del self.double.script[:]
            got, error = server.call('get_costs', dict(MONTH, group_by=['project']))
        self.assertIsNone(got)
        self.assertIn('daily_bytes', error)

    def test_the_limit_of_a_day_ends_with_it(self):
        self.double = d.Double(table_bytes=6 << 30, dry_bytes=6 << 30)
        env = self.home.environment(self.double.url, GCP_BILLING_MAX_BYTES_DAY='13GiB')
        with gcp.Server(env, now=NOW) as server:
            got, error = server.call('get_costs', MONTH)
            self.assertIsNotNone(got, error)
            got, error = server.call('get_costs', dict(MONTH, group_by=['project']))
            self.assertIsNone(got, 'more than a day may read')
            self.assertIn('daily_bytes', error)
            got, error = server.call('get_costs', MONTH)    # what is remembered costs nothing
            self.assertIsNotNone(got, error)

    def test_a_large_table_of_which_little_is_read_is_answered(self):
        self.answered(table_bytes=1 << 40, dry_bytes=1 << 30)
        self.assertTrue([1 for m, _, s in self.double.seen if m == 'jobs.query' and s.get('dryRun')])

    # ---- refusals ----

    def test_refusals_name_the_reason_and_are_not_repeated(self):
        for status, reason, word, says in (
                (400, 'invalidQuery', 'INVALID_ARGUMENT', ['made up']),
                (400, 'invalid', 'INVALID_ARGUMENT', ['made up']),
                (403, 'accessDenied', 'PERMISSION_DENIED', ['made up', 'mcp-gcp doctor']),
                (404, 'notFound', 'NOT_FOUND', ['made up', 'gcp.billing.project', 'location']),
                (409, 'duplicate', 'ALREADY_EXISTS', ['made up']),
                (403, 'quotaExceeded', 'RESOURCE_EXHAUSTED', ['made up', 'IAM & Admin > Quotas']),
                (403, 'billingNotEnabled', 'PERMISSION_DENIED', ['made up', 'gcp.billing.job_project']),
                (400, 'resourcesExceeded', 'INVALID_ARGUMENT', ['made up', 'shorter range']),
                (400, 'responseTooLarge', 'INVALID_ARGUMENT', ['made up', 'shorter range']),
                (400, 'timeout', 'INVALID_ARGUMENT', ['made up', 'shorter range']),
                (400, 'stopped', 'INVALID_ARGUMENT', ['stopped'])):
            with self.subTest(reason):
                self.refused(d.once(status, reason, word=word), says=says)
                costs = [1 for m, _, s in self.double.seen if m == 'jobs.query' and 'AS section' in s.get('query', '')]
                self.assertEqual(len(costs), 1, '%s was repeated' % reason)
                self.double.close()

    def test_a_missing_permission_names_the_role_that_holds_it(self):
        for said, role in (('Access Denied: Project billing-host: User does not have bigquery.jobs.create permission in project billing-host.',
                            'roles/bigquery.jobUser'),
                           ('Access Denied: Dataset billing-host:billing: Permission bigquery.datasets.get denied on dataset.',
                            'roles/bigquery.dataViewer')):
            self.refused(d.once(403, 'accessDenied', said, 'PERMISSION_DENIED'), says=['Access Denied', role, 'service account'])
            self.double.close()

    def test_a_location_that_is_wrong_is_told(self):
        self.refused(env={'GCP_BILLING_LOCATION': 'US'}, says=['Not found', 'gcp.billing.project', 'location'])

    def test_what_passes_is_repeated_and_answered(self):
        for status, reason, headers in ((403, 'rateLimitExceeded', ()), (503, 'backendError', ()), (500, 'internalError', ()),
                                        (429, 'rateLimitExceeded', (('Retry-After', '1'),)), (502, 'badGateway', ()),
                                        (403, 'jobRateLimitExceeded', ()), (400, 'jobBackendError', ()), (400, 'jobInternalError', ()),
                                        (504, 'badGateway', ())):
            with self.subTest(reason):
                self.answered(d.once(status, reason, headers=headers))
                ids = [s['requestId'] for m, _, s in self.double.seen if m == 'jobs.query' and 'AS section' in s.get('query', '')]
                self.assertEqual(len(ids), 2)
                self.assertEqual(ids[0], ids[1], 'a repeated query must be the same job')
                self.double.close()

    def test_what_does_not_pass_ends_with_its_words(self):
        self.refused(*[d.once(503, 'backendError', 'the backend is down', 'UNAVAILABLE')] * 20, says=['the backend is down'])

    def test_a_rate_limit_that_stays_is_no_missing_permission(self):
        self.refused(*[d.once(403, 'rateLimitExceeded', word='RESOURCE_EXHAUSTED')] * 20, says=['busy', 'in a minute'])

    def test_a_failed_job_says_why(self):
        def fail(answer):
            return {'kind': answer['kind'], 'jobComplete': True, 'jobReference': answer['jobReference'],
                    'errors': [{'reason': 'resourcesExceeded', 'message': 'out of slots'}]}
        self.refused(d.changed(fail), says=['out of slots', 'resourcesExceeded'])

    # ---- wrong numbers ----

    def put(self, column, value):
        def change(answer):
            at = [f['name'] for f in answer['schema']['fields']].index(column)
            answer['rows'][-1]['f'][at]['v'] = value
        return d.changed(change)

    def test_cells_that_are_no_numbers_are_no_answer(self):
        for column, value in (('billed', 'NaN'), ('billed', 'Infinity'), ('billed', '1,5'), ('billed', ''), ('n', '-1'), ('n', '1.5'),
                              ('class', '9'), ('charge', '77'), ('place', '0'), ('bucket', '99999999'), ('section', 'x')):
            with self.subTest('%s %s' % (column, value)):
                self.refused(self.put(column, value), says=['no figure is given'])
                self.double.close()

    def test_a_sum_that_does_not_add_up_is_no_answer(self):
        self.refused(self.put('billed', '1.26'), says=['check_failed', '1.25', '1.26'])

    def test_exact_texts_stay_exact(self):
        value = '12345678901234567.123456789'

        def change(answer):
            at = [f['name'] for f in answer['schema']['fields']].index('billed')
            for row in answer['rows']:
                row['f'][at]['v'] = value
        got, error = self.ask(d.changed(change))
        self.assertIsNotNone(got, error)
        self.assertEqual(str(got['total_cost']), value)

    def test_other_columns_are_no_answer(self):
        def rename(answer):
            answer['schema']['fields'][3]['name'] = 'k9'

        def nest(answer):
            answer['rows'][0]['f'][3]['v'] = {'f': []}

        def short(answer):
            answer['rows'][0]['f'].pop()
        self.refused(d.changed(rename), says=['other columns'])
        self.double.close()
        self.refused(d.changed(nest), says=['nested'])
        self.double.close()
        self.refused(d.changed(short), says=['too few cells'])

    # ---- broken connections ----

    def test_answers_that_are_no_json(self):
        for data in (b'<html>504 gateway</html>', b'', b'{"kind": ', b'[1]', b'{"jobComplete": true, "rows": [}', b'\xff\xfe'):
            with self.subTest(data):
                self.refused(d.raw(data), says=['BigQuery'])
                self.double.close()

    def test_an_answer_cut_short(self):
        self.refused(*[d.cut_short] * 10, says=['127.0.0.1'])

    def test_a_connection_reset_is_tried_again(self):
        self.answered(d.reset)

    def test_a_silent_host_is_named_at_the_deadline(self):
        self.refused(d.silent, deadline='2s', within=5, says=['127.0.0.1', 'silent'])

    def test_a_dripping_answer_ends_at_the_deadline(self):
        self.refused(d.drip, deadline='2s', within=5, says=['127.0.0.1'])

    def test_a_token_refused_once_is_replaced(self):
        self.double = d.Double()
        self.double.script = [d.foreign_token] * 2
        with gcp.Server(self.home.environment(self.double.url, GCP_TOKEN_ENDPOINT=self.double.url + '/token'), now=NOW) as server:
            got, error = server.call('get_costs', MONTH)
        self.assertIsNotNone(got, error)
        self.assertEqual(self.double.tokens, ['token-0'], 'a refused self-signed token is replaced by a granted one, once')
        self.double.close()
        self.double = d.Double()
        self.double.script = [d.once(401, 'authError', 'Invalid Credentials', 'UNAUTHENTICATED')] * 20
        with gcp.Server(self.home.environment(self.double.url, GCP_TOKEN_ENDPOINT=self.double.url + '/token'), now=NOW) as server:
            got, error = server.call('get_costs', MONTH)
        self.assertIsNone(got)
        self.assertIn('Invalid Credentials', error)
        self.assertIn('gcloud auth', error)
        self.assertEqual(len(self.double.script), 18, 'a second refusal is final')


if __name__ == '__main__':
    if not description.there():
        sys.exit(77)
    unittest.main()
