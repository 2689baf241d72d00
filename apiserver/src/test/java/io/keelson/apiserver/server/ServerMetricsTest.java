package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.fairness.FlowSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server counts, and how it ends. */
final class ServerMetricsTest {
    private static final String ADDRESSES = "kube_apiserver_clusterip_allocator_";
    private static final String PORTS = "kube_apiserver_nodeport_allocator_";
    /** A server and its administrator. */
    private static final class Running implements AutoCloseable {
        final ApiServer server;
        final HttpClient client;

        Running(ApiServerConfig config) throws IOException, InterruptedException {
            server = ApiServer.start(config);
            client = HttpClient.newBuilder()
                    .sslContext(server.kubeconfig().current(Path.of(".")).tls())
                    .build();
        }

        HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(server.url() + path)).timeout(Duration.ofSeconds(30));
        }

        HttpResponse<String> get(String path) throws IOException, InterruptedException {
            return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        }

        int post(String path, String json) throws IOException, InterruptedException {
            return client.send(
                            request(path)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(json))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }

        /** The lines of a metric, without its name. */
        List<String> metric(String name) throws IOException, InterruptedException {
            return get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                    .map(line -> line.substring(name.length()))
                    .toList();
        }

        @Override
        public void close() {
            client.shutdownNow();
            server.close();
        }
    }

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @Test
    void countsRequestsByWhatTheyAreFor() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}"));
            assertEquals(409, api.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}"));
            assertEquals(200, api.get(MAPS).statusCode());
            assertEquals(404, api.get(MAPS + "/none").statusCode());
            List<String> lines = api.metric("apiserver_request_total");
            String labels = ",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"configmaps\",scope=\"%s\","
                    + "subresource=\"\",verb=\"%s\",version=\"v1\"} 1";
            assertTrue(lines.contains("{code=\"201\"" + labels.formatted("resource", "POST")), lines::toString);
            assertTrue(lines.contains("{code=\"409\"" + labels.formatted("resource", "POST")), lines::toString);
            assertTrue(lines.contains("{code=\"200\"" + labels.formatted("namespace", "LIST")), lines::toString);
            assertTrue(lines.contains("{code=\"404\"" + labels.formatted("resource", "GET")), lines::toString);
            assertTrue(api.metric("apiserver_storage_objects").stream()
                    .anyMatch(line -> line.matches("\\{resource=\"configmaps\"} [1-9]\\d*")));
        }
    }

    /** All there are once something has happened, so that nobody's dashboard loses one unnoticed. */
    @Test
    void hasTheMetricsOfTheOriginal() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}"));
            assertEquals(200, api.get(MAPS).statusCode());
            assertEquals(200, api.get(MAPS + "?watch=1&timeoutSeconds=1").statusCode());
            for (String metric : List.of(
                    "apiserver_admission_controller_admission_duration_seconds_count",
                    "apiserver_admission_step_admission_duration_seconds_count",
                    "apiserver_audit_event_total",
                    "apiserver_cache_list_fetched_objects_total",
                    "apiserver_cache_list_returned_objects_total",
                    "apiserver_cache_list_total",
                    "apiserver_current_inflight_requests",
                    "apiserver_flowcontrol_current_executing_requests",
                    "apiserver_flowcontrol_current_executing_seats",
                    "apiserver_flowcontrol_current_inqueue_requests",
                    "apiserver_flowcontrol_current_limit_seats",
                    "apiserver_flowcontrol_demand_seats_average",
                    "apiserver_flowcontrol_demand_seats_high_watermark",
                    "apiserver_flowcontrol_demand_seats_smoothed",
                    "apiserver_flowcontrol_demand_seats_stdev",
                    "apiserver_flowcontrol_dispatched_requests_total",
                    "apiserver_flowcontrol_lower_limit_seats",
                    "apiserver_flowcontrol_nominal_limit_seats",
                    "apiserver_flowcontrol_priority_level_seat_utilization_bucket",
                    "apiserver_flowcontrol_read_vs_write_current_requests_bucket",
                    "apiserver_flowcontrol_rejected_requests_total",
                    "apiserver_flowcontrol_request_execution_seconds_count",
                    "apiserver_flowcontrol_request_wait_duration_seconds_count",
                    "apiserver_flowcontrol_seat_fair_frac",
                    "apiserver_flowcontrol_target_seats",
                    "apiserver_flowcontrol_upper_limit_seats",
                    "apiserver_flowcontrol_work_estimated_seats_bucket",
                    "apiserver_init_events_total",
                    "apiserver_longrunning_requests",
                    "apiserver_request_duration_seconds_count",
                    "apiserver_request_sli_duration_seconds_bucket",
                    "apiserver_request_total",
                    "apiserver_resource_objects",
                    "apiserver_resource_size_estimate_bytes",
                    "apiserver_response_sizes_sum",
                    "apiserver_storage_objects",
                    "apiserver_storage_size_bytes",
                    "apiserver_terminated_watchers_total",
                    "apiserver_watch_cache_consistent_read_total",
                    "apiserver_watch_cache_events_dispatched_total",
                    "apiserver_watch_cache_events_received_total",
                    "apiserver_watch_cache_initializations_total",
                    "apiserver_watch_cache_read_wait_seconds_count",
                    "apiserver_watch_cache_resource_version",
                    "apiserver_watch_events_sizes_bucket",
                    "apiserver_watch_events_total",
                    "authentication_attempts",
                    "authorization_attempts_total",
                    "etcd_request_duration_seconds_count",
                    "etcd_requests_total",
                    "kubernetes_build_info",
                    "kubernetes_feature_enabled",
                    "process_resident_memory_bytes",
                    "watch_cache_capacity")) {
                assertFalse(api.metric(metric).isEmpty(), metric);
            }
            List<String> lines = api.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.substring(0, line.lastIndexOf(' ')))
                    .toList();
            assertEquals(lines.size(), Set.copyOf(lines).size(), "no line is there twice");
        }
    }

    @Test
    void tellsWhatServicesHold() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String services = "/api/v1/namespaces/default/services";
            String web = "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":\"NodePort\","
                    + "\"ports\":[{\"port\":80%s}]%s}}";
            assertEquals(201, api.post(services, web.formatted("", "")));
            String range = "{cidr=\"10.96.0.0/12\"";
            assertEquals(1, value(api, ADDRESSES + "allocation_total", range + ",scope=\"dynamic\"} "));
            assertEquals(1, value(api, PORTS + "allocation_total", "{scope=\"dynamic\"} "));
            assertEquals(1, value(api, PORTS + "allocated_ports", " "));
            assertEquals(2_767, value(api, PORTS + "available_ports", " "));
            String taken = web.replace("web", "other").formatted("", ",\"clusterIP\":\"10.96.0.1\"");
            assertEquals(422, api.post(services, taken));
            assertEquals(1, value(api, ADDRESSES + "allocation_errors_total", range + ",scope=\"static\"} "));
            Deadline.await(() -> value(api, ADDRESSES + "allocated_ips", range + "} ") == 2);
            assertEquals(
                    (1 << 20) - 2 - 2, value(api, ADDRESSES + "available_ips", range + "} "), "but for the ends of it");
        }
    }

    @Test
    void countsWhatWatchesAndCachesDo() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String maps = "{group=\"\",resource=\"configmaps\"";
            assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"a\"}}"));
            HttpResponse<InputStream> watch =
                    api.client.send(api.request(MAPS + "?watch=1").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"b\"}}"));
            BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8));
            String event = lines.readLine();
            while (event != null && !event.contains("\"name\":\"b\"")) {
                event = lines.readLine();
            }
            assertNotNull(event);
            String sent = maps + ",version=\"v1\"} ";
            int events = value(api, "apiserver_watch_events_total", sent);
            assertTrue(events >= 2, "both ConfigMaps, and whatever else there is: " + events);
            assertEquals(events, value(api, "apiserver_watch_events_sizes_count", sent));
            assertTrue(value(api, "apiserver_init_events_total", maps + "} ") >= 1);
            assertTrue(value(api, "apiserver_watch_cache_events_received_total", maps + "} ") >= 1);
            assertTrue(value(api, "apiserver_storage_events_received_total", maps + "} ") >= 1);
            assertTrue(value(api, "apiserver_watch_cache_events_dispatched_total", maps + "} ") >= 1);
            assertEquals(1, value(api, "apiserver_watch_cache_initializations_total", maps + "} "));
            String flow = "{flow_schema=\"exempt\",priority_level=\"exempt\"";
            assertTrue(value(api, "apiserver_flowcontrol_dispatched_requests_total", flow + "} ") >= 3);
            // Who asks is being served.
            assertEquals(1, value(api, "apiserver_flowcontrol_current_executing_requests", flow + "} "));
            assertEquals(1, value(api, "apiserver_flowcontrol_current_executing_seats", flow + "} "));
            assertTrue(value(api, "apiserver_flowcontrol_request_execution_seconds_count", flow + ",type=\"regular\"} ")
                    >= 3);
            watch.body().close();
        }
    }

    @Test
    void countsWhatListsTake() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            for (String name : List.of("a", "b", "c")) {
                String label = name.equals("c") ? "odd" : "even";
                assertEquals(
                        201,
                        api.post(
                                MAPS,
                                "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"is\":\"" + label + "\"}}}"));
            }
            String maps = "{group=\"\",index=\"\",resource=\"configmaps\"} ";
            String returned = "{group=\"\",resource=\"configmaps\"} ";
            assertEquals(200, api.get(MAPS).statusCode());
            int lists = value(api, "apiserver_cache_list_total", maps);
            int looked = value(api, "apiserver_cache_list_fetched_objects_total", maps);
            int found = value(api, "apiserver_cache_list_returned_objects_total", returned);
            assertTrue(lists >= 1 && looked >= 3 && found >= 3, lists + " lists of " + looked + ", " + found);
            assertEquals(200, api.get(MAPS + "?labelSelector=is%3Dodd").statusCode());
            assertEquals(lists + 1, value(api, "apiserver_cache_list_total", maps));
            assertEquals(found + 1, value(api, "apiserver_cache_list_returned_objects_total", returned));
            int all = value(api, "apiserver_cache_list_fetched_objects_total", maps) - looked;
            assertTrue(all >= 3, "those that were not selected, too: " + all);
            assertEquals(200, api.get(MAPS + "/a").statusCode());
            assertEquals(lists + 1, value(api, "apiserver_cache_list_total", maps), "one object is no list");
        }
    }

    @Test
    void timesWhatAdmissionDoes() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String step = "apiserver_admission_step_admission_duration_seconds_count";
            String plugin = "apiserver_admission_controller_admission_duration_seconds_count";
            String labels = "operation=\"CREATE\",rejected=\"%s\",type=\"%s\"} ";
            String refused = labels.formatted("true", "admit");
            String lifecycle = "{name=\"NamespaceLifecycle\"," + refused;
            int before = valueOrNone(api, step, "{" + refused);
            int beforeByPlugin = valueOrNone(api, plugin, lifecycle);
            // There is no such namespace.
            assertEquals(404, api.post("/api/v1/namespaces/none/configmaps", "{\"metadata\":{\"name\":\"a\"}}"));
            assertTrue(value(api, step, "{" + refused) > before);
            assertTrue(value(api, plugin, lifecycle) > beforeByPlugin);
            for (String type : List.of("admit", "validate")) {
                String admitted = "{" + labels.formatted("false", type);
                int admittedBefore = valueOrNone(api, step, admitted);
                assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"" + type + "\"}}"));
                assertTrue(value(api, step, admitted) > admittedBefore, type);
            }
        }
    }

    @Test
    void tellsWhichDeprecatedVersionsAreInUse() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String metric = "apiserver_requested_deprecated_apis";
            String endpoints =
                    "{group=\"\",removed_release=\"\",resource=\"endpoints\",subresource=\"\",version=\"v1\"} 1";
            assertEquals(200, api.get(MAPS).statusCode());
            assertFalse(api.metric(metric).contains(endpoints));
            assertEquals(
                    403,
                    api.client
                            .send(
                                    api.request("/api/v1/endpoints")
                                            .header("Impersonate-User", "jane")
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode());
            assertFalse(api.metric(metric).contains(endpoints), "nobody was served");
            assertEquals(200, api.get("/api/v1/endpoints").statusCode());
            assertTrue(api.metric(metric).contains(endpoints));
            assertTrue(api.metric(metric).stream().noneMatch(line -> line.contains("configmaps")));
        }
    }

    private static String text(LiveUsers.User user) throws Exception {
        return user.client()
                .send(user.request("GET", "/metrics", "", "").build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static double amount(LiveUsers.User user, String line) throws Exception {
        return text(user)
                .lines()
                .filter(one -> one.startsWith(line + " "))
                .mapToDouble(one -> Double.parseDouble(one.substring(line.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + line));
    }

    @Test
    void seesHowLongSeatsAreTaken(@TempDir Path folder) throws Exception {
        String requests = "apiserver_flowcontrol_read_vs_write_current_requests";
        String changing = "{phase=\"executing\",request_kind=\"mutating\"}";
        String seats = "apiserver_flowcontrol_priority_level_seat_utilization";
        String exempt = "{phase=\"executing\",priority_level=\"exempt\"}";
        try (LiveUsers server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            double begun = amount(admin, requests + "_sum" + changing);
            SlowRequest slow = SlowRequest.begin(admin, MAPS + "?timeout=2s", "never");
            // One request for half a second is as many nanoseconds.
            Deadline.await(() -> amount(admin, requests + "_sum" + changing) - begun >= 500e6);
            assertTrue(amount(admin, seats + "_sum" + exempt) > 0);
            assertEquals(504, slow.status());
            double seen = amount(admin, seats + "_count" + exempt);
            assertTrue(seen >= 500e6);
            assertEquals(
                    seen,
                    amount(admin, seats + "_bucket{phase=\"executing\",priority_level=\"exempt\",le=\"+Inf\"}"),
                    5e9);
            assertTrue(amount(admin, "apiserver_flowcontrol_target_seats{priority_level=\"workload-low\"}") > 0);
            assertTrue(amount(admin, "apiserver_flowcontrol_seat_fair_frac") >= 0);
        }
    }

    @Test
    void takesDownHowLongCertificatesOfClientsAreStillValid() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String metric = "apiserver_client_certificate_expiration_seconds";
            int before = value(api, metric + "_count", " ");
            assertEquals(200, api.get(MAPS).statusCode());
            assertTrue(value(api, metric + "_count", " ") > before);
            assertEquals(0, value(api, metric + "_bucket", "{le=\"86400\"} "), "all are for longer than a day");
        }
    }

    @Test
    void asksTheStoreForItsSize() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String size = "apiserver_storage_size_bytes";
            String label = "{storage_cluster_id=\"etcd-0\"} ";
            assertTrue(value(api, size, label) > 0);
        }
    }

    @Test
    void timesTheRulesOfCustomKinds() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            String compilations = "apiserver_cel_compilation_duration_seconds_count";
            String evaluations = "apiserver_cel_evaluation_duration_seconds_count";
            String schema = """
                    {"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}},
                     "x-kubernetes-validations":[{"rule":"self.size > 1"}]}}}""";
            assertEquals(
                    201, api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                    {"metadata":{"name":"boxes.example.com"},"spec":{"group":"example.com","scope":"Cluster",
                     "names":{"plural":"boxes","kind":"Box"},"versions":[{"name":"v1","served":true,"storage":true,
                     "schema":{"openAPIV3Schema":%s}}]}}""".formatted(schema)));
            Deadline.await(() -> api.get("/apis/example.com/v1/boxes").statusCode() == 200);
            assertEquals(0, value(api, evaluations, " "));
            String box =
                    "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Box\",\"metadata\":{\"name\":\"b\"},\"spec\":{\"size\":%d}}";
            assertEquals(422, api.post("/apis/example.com/v1/boxes", box.formatted(1)));
            assertEquals(1, value(api, compilations, " "));
            assertEquals(1, value(api, evaluations, " "));
            assertEquals(201, api.post("/apis/example.com/v1/boxes", box.formatted(2)));
            assertEquals(1, value(api, compilations, " "));
            assertEquals(2, value(api, evaluations, " "));
        }
    }

    @Test
    void tellsWhichAggregatedServersAreAway(@TempDir Path folder) throws Exception {
        String services = "/apis/apiregistration.k8s.io/v1/apiservices";
        try (LiveUsers server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            admin.post(services, """
                    {'metadata':{'name':'v1.away.example.com'},'spec':{'group':'away.example.com','version':'v1',
                     'groupPriorityMinimum':1000,'versionPriority':15,'insecureSkipTLSVerify':true,
                     'service':{'namespace':'default','name':'away'}}}""").succeeded();
            Deadline.await(() -> admin.get(services + "/v1.away.example.com")
                    .text("/status/conditions/0/reason")
                    .equals("ServiceNotFound"));
            String gauge = "aggregator_unavailable_apiservice";
            assertEquals(1, amount(admin, gauge + "{name=\"v1.away.example.com\"}"));
            assertEquals(0, amount(admin, gauge + "{name=\"v1.\"}"));
            Deadline.await(() -> admin.get("/apis/away.example.com/v1/things").code() == 503);
            assertTrue(amount(
                            admin,
                            "apiserver_request_terminations_total{code=\"503\",component=\"aggregator\",group=\"\","
                                    + "resource=\"\",scope=\"\",subresource=\"\",verb=\"GET\",version=\"\"}")
                    >= 1);
            String lost = gauge + "_total{name=\"v1.away.example.com\",reason=\"ServiceNotFound\"}";
            assertFalse(text(admin).contains(lost), "it was never there");
            admin.merge(services + "/v1.away.example.com/status", """
                    {'status':{'conditions':[{'type':'Available','status':'True','reason':'Passed',
                     'lastTransitionTime':'2024-01-01T00:00:00Z'}]}}""").succeeded();
            Deadline.await(() -> text(admin).contains(lost + " 1\n"));
        }
    }

    @Test
    void countsWhatItEndsInItsDefense(@TempDir Path folder) throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        FlowSettings oneWriteAtATime = new FlowSettings(false, 0, 1, Duration.ofMinutes(1));
        String ended = "apiserver_request_terminations_total{code=\"%s\",component=\"apiserver\",group=\"\","
                + "resource=\"configmaps\",scope=\"resource\",subresource=\"\",verb=\"POST\",version=\"v1\"}";
        try (LiveUsers server =
                LiveUsers.start(plain.withCluster(plain.cluster().withFlow(oneWriteAtATime)), folder.resolve("pki"))) {
            LiveUsers.User admin = server.admin();
            LiveUsers.User other = server.user("other", "others");
            SlowRequest slow = SlowRequest.begin(admin, MAPS + "?timeout=2s", "never");
            // An administrator who came second would be let through.
            Deadline.await(() -> amount(admin, "apiserver_current_inflight_requests{request_kind=\"mutating\"}") >= 1);
            Deadline.await(() -> other.post(MAPS, "{'metadata':{'name':'a'}}").code() == 429);
            assertEquals(1, amount(admin, ended.formatted("429")));
            assertEquals(504, slow.status());
            assertEquals(1, amount(admin, ended.formatted("504")));
        }
    }

    @Test
    void keepsQuietAboutWhatIsDisabled(@TempDir Path folder) throws Exception {
        try (Running api = new Running(
                Flags.config(folder, "--disabled-metrics=apiserver_request_total,kubernetes_feature_enabled"))) {
            assertEquals(200, api.get(MAPS).statusCode());
            String text = api.get("/metrics").body();
            assertFalse(text.contains("apiserver_request_total"), text);
            assertFalse(text.contains("kubernetes_feature_enabled"), text);
            assertTrue(text.contains("apiserver_request_duration_seconds_bucket"), text);
        }
    }

    @Test
    void tellsOnlySomeValuesOfLabelsAndNoNumbersOfObjectsIfToldSo(@TempDir Path folder) throws Exception {
        Path labels = Files.writeString(folder.resolve("labels.yaml"), "kubernetes_feature_enabled,stage: BETA\n");
        try (Running api = new Running(Flags.config(
                folder,
                "--allow-metric-labels=apiserver_request_total,resource=secrets",
                "--allow-metric-labels-manifest=" + labels,
                "--etcd-count-metric-poll-period=0",
                "--etcd-db-metric-poll-interval=0"))) {
            assertEquals(200, api.get(MAPS).statusCode());
            String text = api.get("/metrics").body();
            List<String> requests = text.lines()
                    .filter(line -> line.startsWith("apiserver_request_total{"))
                    .toList();
            assertFalse(requests.isEmpty(), text);
            for (String line : requests) {
                assertTrue(line.contains("resource=\"unexpected\"") || line.contains("resource=\"secrets\""), line);
            }
            assertTrue(text.contains("stage=\"unexpected\"") && text.contains("stage=\"BETA\""), text);
            assertFalse(text.contains("stage=\"ALPHA\""), text);
            for (String missing : List.of(
                    "apiserver_storage_objects", "apiserver_resource_objects", "apiserver_storage_size_bytes")) {
                assertFalse(text.contains(missing), missing);
            }
            assertTrue(text.contains("apiserver_resource_size_estimate_bytes"), text);
        }
    }

    @Test
    void tellsWhatCameOfChecks() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            assertEquals("", api.get("/metrics/slis").body());
            assertEquals(200, api.get("/livez").statusCode());
            assertEquals(200, api.get("/readyz/etcd").statusCode());
            assertEquals(200, api.get("/readyz/etcd").statusCode());
            String body = api.get("/metrics/slis").body();
            assertTrue(body.contains("kubernetes_healthcheck{name=\"ping\",type=\"livez\"} 1\n"), body);
            assertTrue(
                    body.contains(
                            "kubernetes_healthchecks_total{name=\"etcd\",status=\"success\",type=\"readyz\"} 2\n"),
                    body);
            assertFalse(body.contains("name=\"ping\",type=\"readyz\""), body);
            assertEquals(404, api.get("/metrics/other").statusCode());
        }
    }

    private static int value(Running api, String metric, String labels) throws Exception {
        List<String> lines = api.metric(metric);
        return value(lines, labels).orElseThrow(() -> new AssertionError(metric + labels + " is not among " + lines));
    }

    /** 0 as long as nothing was counted. */
    private static int valueOrNone(Running api, String metric, String labels) throws Exception {
        return value(api.metric(metric), labels).orElse(0);
    }

    private static Optional<Integer> value(List<String> lines, String labels) {
        return lines.stream()
                .filter(line -> line.startsWith(labels))
                .map(line -> Integer.parseInt(line.substring(labels.length())))
                .findFirst();
    }

    /** CVE-2020-8552, CVE-2022-21698: labels come from what is served; a client cannot make more of them. */
    @Test
    void cve20208552CountsWhatIsNotServedTogether() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            for (int i = 0; i < 50; i++) {
                assertEquals(404, api.get("/apis/group" + i + "/v1/things" + i).statusCode());
                assertEquals(404, api.get("/path" + i + "/below").statusCode());
                assertEquals(404, api.get(MAPS + "/a/sub" + i).statusCode());
                var _ = api.client.send(
                        api.request("/livez")
                                .method("METHOD" + i, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            Set<String> kinds = api.metric("apiserver_request_total").stream()
                    .filter(line -> line.startsWith("{code=\"4"))
                    .map(line -> line.substring(0, line.lastIndexOf(' ')))
                    .collect(Collectors.toSet());
            assertTrue(kinds.size() <= 5, kinds::toString);
        }
    }

    @Test
    void isNotReadyBeforeItEndsAndEndsWatchesInOrder() throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ApiServerConfig slow = plain.withCluster(plain.cluster()
                .withLifetime(new LifetimeSettings(Duration.ZERO, Duration.ofSeconds(3), false, Duration.ZERO)));
        try (Running api = new Running(slow)) {
            HttpResponse<InputStream> watch =
                    api.client.send(api.request(MAPS + "?watch=1").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(200, watch.statusCode());
            assertTrue(api.metric("apiserver_longrunning_requests").stream()
                    .anyMatch(line -> line.contains("verb=\"WATCH\"") && line.endsWith(" 1")));
            assertEquals(200, api.get("/readyz").statusCode());
            Thread closing = Thread.ofVirtual().start(api.server::close);
            HttpResponse<String> ready = api.get("/readyz?verbose");
            while (ready.statusCode() == 200) {
                ready = api.get("/readyz?verbose");
            }
            assertEquals(500, ready.statusCode());
            assertTrue(ready.body().contains("[-]shutdown failed: reason withheld"), ready.body());
            assertEquals(200, api.get("/livez").statusCode());
            assertEquals(201, api.post(MAPS, "{\"metadata\":{\"name\":\"late\"}}"));
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
                List<String> events = lines.lines().toList();
                assertTrue(events.getLast().contains("\"late\""), events::toString);
            }
            assertTrue(closing.join(Duration.ofSeconds(10)), "closed once the watch had ended");
        }
    }

    @Test
    void letsAdministratorsLookIntoTheProcess() throws Exception {
        try (Running api = new Running(ApiServerConfig.ephemeral())) {
            assertTrue(api.get("/debug/threads").body().contains("io.keelson.apiserver.debug.DebugHandler"));
            assertEquals(400, api.get("/debug/flight?seconds=301").statusCode());
            HttpResponse<byte[]> flight = api.client.send(
                    api.request("/debug/flight?seconds=1").build(), HttpResponse.BodyHandlers.ofByteArray());
            assertEquals("FLR", new String(flight.body(), 0, 3, StandardCharsets.US_ASCII));
            HttpRequest nobody = api.request("/debug/threads")
                    .header("Impersonate-User", "jane")
                    .build();
            assertEquals(
                    403,
                    api.client
                            .send(nobody, HttpResponse.BodyHandlers.discarding())
                            .statusCode());
        }
    }
}
