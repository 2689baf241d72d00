package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.fairness.FlowSettings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Requests wait for their turn, or are refused, through a running server. */
final class FairnessTest {
    private static final String FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1/";
    private static final String DUMP = "/debug/api_priority_and_fairness/";
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static LiveUsers server;
    private static LiveUsers.User admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        server = LiveUsers.start(
                plain.withCluster(plain.cluster().withFlow(new FlowSettings(true, 6, 4, Duration.ofMinutes(1)))),
                folder.resolve("pki"));
        admin = server.admin();
        permitEverything(admin);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** For all in the group {@code workers}. */
    private static void permitEverything(LiveUsers.User admin) {
        admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {'metadata':{'name':'workers'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole',
                 'name':'cluster-admin'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'Group',
                 'name':'workers'}]}""")
                .succeeded();
    }

    /** A level of one seat, of which nobody can borrow, and a schema for a user. */
    private static void level(String name, String response) throws Exception {
        level(name, response, name);
    }

    private static void level(String name, String response, String... users) throws Exception {
        String subjects = Arrays.stream(users)
                .map(user -> "{'kind':'User','user':{'name':'" + user + "'}}")
                .collect(Collectors.joining(","));
        admin.post(FLOW + "prioritylevelconfigurations", """
                {'metadata':{'name':'%s'},'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':1,
                 'borrowingLimitPercent':0,'limitResponse':%s}}}""".formatted(name, response))
                .succeeded();
        admin.post(FLOW + "flowschemas", """
                {'metadata':{'name':'%s'},'spec':{'matchingPrecedence':50,'priorityLevelConfiguration':{'name':'%s'},
                 'distinguisherMethod':{'type':'ByUser'},
                 'rules':[{'subjects':[%s],'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],
                 'namespaces':['*'],'clusterScope':true}]}]}}""".formatted(name, name, subjects)).succeeded();
        Deadline.await(() -> dump("dump_priority_levels").contains(name));
    }

    private static String dump(String what) {
        return new String(admin.get(DUMP + what).succeeded().response().body(), StandardCharsets.UTF_8);
    }

    private static String line(String table, String name) {
        return table.lines()
                .filter(line -> line.startsWith(name + ","))
                .findFirst()
                .orElse("")
                .replaceAll("\\s+", "");
    }

    private static void awaitExecuting(String level) throws Exception {
        Deadline.await(() -> line(dump("dump_priority_levels"), level).matches(level + ",\\d+,false,false,\\d+,1,.*"));
    }

    @Test
    void whoFindsNoSeatIsRefusedAndToldWhenToComeBack() throws Exception {
        level("refusing", "{'type':'Reject'}");
        LiveUsers.User user = server.user("refusing", "workers");
        SlowRequest slow = SlowRequest.begin(user, MAPS, "slow-refusing");
        awaitExecuting("refusing");
        LiveUsers.Answer refused = user.get(MAPS);
        assertEquals(429, refused.code());
        assertEquals("1", refused.header("Retry-After"));
        assertEquals("text/plain; charset=utf-8", refused.header("Content-Type"));
        assertEquals(
                "Too many requests, please try again later.\n",
                new String(refused.response().body(), StandardCharsets.UTF_8));
        assertEquals(
                admin.get(FLOW + "flowschemas/refusing").text("/metadata/uid"),
                refused.header("X-Kubernetes-PF-FlowSchema-UID"));
        assertEquals(
                admin.get(FLOW + "prioritylevelconfigurations/refusing").text("/metadata/uid"),
                refused.header("X-Kubernetes-PF-PriorityLevel-UID"));
        // Others are not concerned, nor are administrators.
        assertEquals(200, server.user("other", "workers").get(MAPS).code());
        assertEquals(200, admin.get(MAPS).code());
        assertEquals(201, slow.end());
        Deadline.await(() -> user.get(MAPS).code() == 200);
    }

    @Test
    void whoFindsNoSeatWaitsAndTheQueueHasAnEnd() throws Exception {
        level("queuing", "{'type':'Queue','queuing':{'queues':1,'handSize':1,'queueLengthLimit':1}}");
        LiveUsers.User user = server.user("queuing", "workers");
        SlowRequest slow = SlowRequest.begin(user, MAPS, "slow-queuing");
        awaitExecuting("queuing");
        var waiting = user.client()
                .sendAsync(user.request("GET", MAPS, "", "").build(), HttpResponse.BodyHandlers.ofByteArray());
        Deadline.await(() -> dump("dump_requests").contains("queuing,"));
        assertTrue(dump("dump_queues").contains("queuing,"));
        assertEquals(429, user.get(MAPS).code());
        assertFalse(waiting.isDone());
        assertEquals(201, slow.end());
        assertEquals(200, waiting.get(30, TimeUnit.SECONDS).statusCode());
    }

    @Test
    void aTrickleIsServedPromptlyThroughAFlood() throws Exception {
        level(
                "sharing",
                "{'type':'Queue','queuing':{'queues':64,'handSize':1,'queueLengthLimit':50}}",
                "flood",
                "trickle");
        LiveUsers.User flood = server.user("flood", "workers");
        SlowRequest first = SlowRequest.begin(flood, MAPS, "flood-first");
        awaitExecuting("sharing");
        List<SlowRequest> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiting.add(SlowRequest.begin(flood, MAPS, "flood-" + i));
        }
        waiting.add(SlowRequest.begin(server.user("trickle", "workers"), MAPS, "trickle"));
        Deadline.await(() -> dump("dump_requests")
                        .lines()
                        .filter(line -> line.startsWith("sharing,"))
                        .count()
                == 9);
        for (SlowRequest one : waiting) {
            one.complete();
        }
        assertEquals(201, first.end());
        for (SlowRequest one : waiting) {
            assertEquals(201, one.status());
        }
        long trickle = version("trickle");
        int before = 0;
        for (int i = 0; i < 8; i++) {
            before += version("flood-" + i) < trickle ? 1 : 0;
        }
        assertTrue(before <= 1, "served before it: " + before);
    }

    /** In the order of which things were written. */
    private static long version(String name) {
        return Long.parseLong(admin.get(MAPS + "/" + name).succeeded().text("/metadata/resourceVersion"));
    }

    @Test
    void aClientThatLeavesGivesUpItsPlace() throws Exception {
        level("leaving", "{'type':'Queue','queuing':{'queues':1,'handSize':1,'queueLengthLimit':1}}");
        LiveUsers.User user = server.user("leaving", "workers");
        SlowRequest slow = SlowRequest.begin(user, MAPS, "slow-leaving");
        awaitExecuting("leaving");
        var waiting = user.client()
                .sendAsync(user.request("GET", MAPS, "", "").build(), HttpResponse.BodyHandlers.ofByteArray());
        Deadline.await(() -> dump("dump_requests").contains("leaving,"));
        assertTrue(waiting.cancel(true));
        Deadline.await(() -> !dump("dump_requests").contains("leaving,"));
        assertEquals(201, slow.end());
        assertEquals(200, user.get(MAPS).code());
    }

    @Test
    void aWatchHasASeatOnlyUntilItHasBegun() throws Exception {
        level("watching", "{'type':'Reject'}");
        LiveUsers.User user = server.user("watching", "workers");
        var watch = user.client()
                .send(
                        user.request("GET", MAPS + "?watch=true&timeoutSeconds=60", "", "")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, watch.statusCode());
        Deadline.await(() -> user.get(MAPS).code() == 200);
        watch.body().close();
    }

    /** More than the buffers between a server and a client that does not read, in ConfigMaps of a namespace of its own. */
    private static String manyMaps(LiveUsers.User admin, String namespace) {
        admin.post("/api/v1/namespaces", "{'metadata':{'name':'" + namespace + "'}}")
                .succeeded();
        String maps = "/api/v1/namespaces/" + namespace + "/configmaps";
        String data = "x".repeat(900_000);
        for (int i = 0; i < 20; i++) {
            admin.post(maps, "{'metadata':{'name':'map-" + i + "'},'data':{'x':'" + data + "'}}")
                    .succeeded();
        }
        return maps;
    }

    /** Begins a watch with all there is, and reads the head of the answer, if it is a good one. */
    private static Socket watchUnread(LiveUsers.User user, String maps) throws Exception {
        URI url = URI.create(user.url());
        Socket socket = user.tls().getSocketFactory().createSocket();
        socket.setReceiveBufferSize(65_536);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
        String head = "GET " + maps + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                + "&allowWatchBookmarks=true&timeoutSeconds=60 HTTP/1.1\r\nHost: test\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        assertEquals("HTTP/1.1 200", new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void aWatchKeepsItsSeatUntilWhatThereWasIsSent() throws Exception {
        String maps = manyMaps(admin, "many");
        level("listing", "{'type':'Reject'}");
        LiveUsers.User user = server.user("listing", "workers");
        try (Socket watch = watchUnread(user, maps)) {
            assertEquals(429, user.get(MAPS).code());
            awaitExecuting("listing");
            // Not for the moment only in which the watch began.
            Thread.sleep(500);
            assertEquals(429, user.get(MAPS).code());
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (line != null && !line.contains("k8s.io/initial-events-end")) {
                line = lines.readLine();
            }
            assertTrue(line != null, "the end of what there was is marked");
            Deadline.await(() -> user.get(MAPS).code() == 200);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aClientThatNeverReadsKeepsTheSeatOfItsWatchNoLongerThanARequestMayTake(@TempDir Path folder) throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ApiServerConfig config =
                plain.withCluster(plain.cluster().withFlow(new FlowSettings(true, 1, 0, Duration.ofSeconds(5))));
        try (LiveUsers small = LiveUsers.start(config, folder.resolve("pki"))) {
            permitEverything(small.admin());
            String maps = manyMaps(small.admin(), "many");
            small.admin().post(FLOW + "prioritylevelconfigurations", """
                    {'metadata':{'name':'bounded'},'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':1,
                     'borrowingLimitPercent':0,'limitResponse':{'type':'Reject'}}}}""").succeeded();
            small.admin().post(FLOW + "flowschemas", """
                    {'metadata':{'name':'bounded'},'spec':{'matchingPrecedence':50,
                     'priorityLevelConfiguration':{'name':'bounded'},'rules':[{'subjects':[{'kind':'User',
                     'user':{'name':'bounded'}}],'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],
                     'namespaces':['*'],'clusterScope':true}]}]}}""").succeeded();
            LiveUsers.User user = small.user("bounded", "workers");
            String uid = small.admin()
                    .get(FLOW + "prioritylevelconfigurations/bounded")
                    .text("/metadata/uid");
            Deadline.await(() -> {
                LiveUsers.Answer answer = user.get(MAPS);
                return answer.code() == 200 && uid.equals(answer.header("X-Kubernetes-PF-PriorityLevel-UID"));
            });
            try (Socket watch = watchUnread(user, maps)) {
                assertEquals(429, user.get(MAPS).code());
                Deadline.await(() -> user.get(MAPS).code() == 200);
                assertTrue(watch.isConnected());
            }
        }
    }

    @Test
    void aSchemaSaysWhetherItsLevelIsThere() throws Exception {
        admin.post(FLOW + "flowschemas", """
                {'metadata':{'name':'lost'},'spec':{'matchingPrecedence':7000,
                 'priorityLevelConfiguration':{'name':'nowhere'},'rules':[{'subjects':[{'kind':'User',
                 'user':{'name':'nobody'}}],'nonResourceRules':[{'verbs':['*'],'nonResourceURLs':['/x']}]}]}}""").succeeded();
        Deadline.await(() -> condition("lost").path("status").asText().equals("True"));
        assertEquals(
                "This FlowSchema references the PriorityLevelConfiguration object named \"nowhere\" but there is no such"
                        + " object",
                condition("lost").path("message").asText());
        Deadline.await(() -> condition("global-default").path("status").asText().equals("False"));
        assertEquals("Found", condition("global-default").path("reason").asText());
    }

    private static JsonNode condition(String schema) {
        return admin.get(FLOW + "flowschemas/" + schema).succeeded().body().at("/status/conditions/0");
    }

    @Test
    void onlyWhoIsPermittedSeesWhatIsGoingOn() throws Exception {
        String levels = dump("dump_priority_levels");
        assertTrue(levels.startsWith("PriorityLevelName,"), levels);
        assertTrue(line(levels, "exempt").startsWith("exempt,0,"), levels);
        assertEquals(404, admin.get(DUMP + "other").code());
        assertEquals(403, server.user("curious").get(DUMP + "dump_queues").code());
    }

    @Test
    void withoutFairnessReadsAndWritesAreCounted(@TempDir Path folder) throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ApiServerConfig config =
                plain.withCluster(plain.cluster().withFlow(new FlowSettings(false, 5, 1, Duration.ofMinutes(1))));
        try (LiveUsers counting = LiveUsers.start(config, folder.resolve("pki"))) {
            permitEverything(counting.admin());
            LiveUsers.User user = counting.user("worker", "workers");
            Deadline.await(() -> user.get(MAPS).code() == 200);
            String other = "{'metadata':{'name':'other'}}";
            SlowRequest slow = SlowRequest.begin(user, MAPS, "slow");
            int probes = 0;
            while (user.post(MAPS + "?dryRun=All", other).code() != 429) {
                assertTrue(++probes < 1000, "the only place for writes is taken");
                if (probes % 20 == 0) {
                    // A probe had the place when it came, and it was refused itself.
                    slow.socket().close();
                    slow = SlowRequest.begin(user, MAPS, "slow");
                }
                // Probes without a pause would have the place most of the time.
                Thread.sleep(20);
            }
            assertEquals(200, user.get(MAPS).code());
            assertEquals("", user.get(MAPS).header("X-Kubernetes-PF-FlowSchema-UID"));
            assertEquals(201, counting.admin().post(MAPS + "?dryRun=All", other).code());
            assertEquals(404, counting.admin().get(DUMP + "dump_queues").code());
            assertEquals(201, slow.end());
            Deadline.await(() -> user.post(MAPS + "?dryRun=All", other).code() == 201);
        }
    }
}
