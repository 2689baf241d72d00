package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.fairness.FlowSettings;
import io.keelson.apiserver.http.FrameClient;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Requests have a time, after which they are answered whether they are done or not. */
@Execution(ExecutionMode.CONCURRENT)
final class TimeLimitsTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1/";

    /** Long enough for whatever is not slow on purpose. */
    private static final Duration LONGEST = Duration.ofSeconds(6);

    private static LiveUsers server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        server = LiveUsers.start(
                plain.withCluster(plain.cluster().withFlow(new FlowSettings(true, 40, 20, LONGEST))),
                folder.resolve("pki"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    @Test
    void whatIsNotDoneInTimeIsAnsweredSo() throws Exception {
        long begin = System.nanoTime();
        SlowRequest slow = SlowRequest.begin(server.admin(), MAPS, "never");
        assertEquals(504, slow.status());
        assertTrue(since(begin).compareTo(LONGEST) >= 0);
        assertEquals(404, server.admin().get(MAPS + "/never").code());
    }

    @Test
    void aBodyThatDoesNotComeEndsItsOwnStreamAlone() throws Exception {
        long begin = System.nanoTime();
        LiveUsers.User admin = server.admin();
        try (FrameClient client = FrameClient.to(URI.create(admin.url()), admin.tls())) {
            client.begin(1, MAPS);
            client.send(FrameClient.DATA, 0, 1, "{\"meta".getBytes(StandardCharsets.US_ASCII));
            client.get(3, MAPS + "/missing");
            assertEquals(3, client.next(FrameClient.DATA).stream());
            FrameClient.Frame late = client.next(FrameClient.DATA);
            assertTrue(since(begin).compareTo(LONGEST) >= 0);
            assertEquals(1, late.stream());
            String answer = new String(late.payload(), StandardCharsets.UTF_8);
            assertTrue(
                    answer.contains("\"message\":\"Timeout: request did not complete within the allotted timeout\""),
                    answer);
            FrameClient.Frame reset = client.next(FrameClient.RST_STREAM);
            assertEquals(1, reset.stream());
            assertEquals(0, reset.code(), "NO_ERROR: the rest of the body is not wanted");
            client.get(5, MAPS + "/missing");
            assertEquals(5, client.next(FrameClient.DATA).stream());
        }
    }

    @Test
    void clientsMayHaveLessPatienceButNotMore() throws Exception {
        long begin = System.nanoTime();
        String answer = SlowRequest.begin(server.admin(), MAPS + "?timeout=300ms", "never")
                .answer();
        Duration took = since(begin);
        assertTrue(took.compareTo(Duration.ofMillis(300)) >= 0 && took.compareTo(LONGEST) < 0, took::toString);
        assertTrue(answer.startsWith("HTTP/1.1 504 "), answer);
        assertTrue(
                answer.contains("\"message\":\"Timeout: request did not complete within the allotted timeout\""),
                answer);
        assertTrue(answer.contains("\"reason\":\"Timeout\""), answer);
        assertEquals(
                504,
                SlowRequest.begin(server.admin(), MAPS + "?timeout=1h", "never").status());
    }

    @Test
    void noTimeAtAllMeansNoWishAndNonsenseIsRefused() {
        assertEquals(200, server.admin().get(MAPS + "?timeout=0s").code());
        assertEquals(200, server.admin().get(MAPS + "?timeout=").code());
        LiveUsers.Answer refused = server.admin().get(MAPS + "?timeout=soon");
        assertEquals(400, refused.code());
        assertEquals(
                "invalid timeout specified in the request URL - time: invalid duration \"soon\"",
                refused.text("/message"));
    }

    @Test
    void watchesLastAsLongAsTheyWant() throws Exception {
        long begin = System.nanoTime();
        var watch = server.admin()
                .client()
                .send(
                        server.admin()
                                .request("GET", MAPS + "?watch=true&timeoutSeconds=8&timeout=1s", "", "")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(200, watch.statusCode());
        assertTrue(since(begin).compareTo(Duration.ofSeconds(8)) >= 0);
    }

    @Test
    void nobodyWaitsForASeatLongerThanAQuarterOfTheTime() throws Exception {
        LiveUsers.User admin = server.admin();
        admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {'metadata':{'name':'workers'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole',
                 'name':'cluster-admin'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'Group',
                 'name':'workers'}]}""")
                .succeeded();
        admin.post(FLOW + "prioritylevelconfigurations", """
                {'metadata':{'name':'narrow'},'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':1,
                 'borrowingLimitPercent':0,'limitResponse':{'type':'Queue','queuing':{'queues':1,'handSize':1,
                 'queueLengthLimit':5}}}}}""").succeeded();
        admin.post(FLOW + "flowschemas", """
                {'metadata':{'name':'narrow'},'spec':{'matchingPrecedence':50,'priorityLevelConfiguration':{'name':'narrow'},
                 'rules':[{'subjects':[{'kind':'User','user':{'name':'patient'}}],'resourceRules':[{'verbs':['*'],
                 'apiGroups':['*'],'resources':['*'],'namespaces':['*'],'clusterScope':true}]}]}}""").succeeded();
        LiveUsers.User user = server.user("patient", "workers");
        String level = admin.get(FLOW + "prioritylevelconfigurations/narrow").text("/metadata/uid");
        Deadline.await(
                () -> user.get(MAPS).header("X-Kubernetes-PF-PriorityLevel-UID").equals(level));
        SlowRequest slow = SlowRequest.begin(user, MAPS, "slow");
        // Its head may come after what is asked next.
        Deadline.await(() -> user.get(MAPS + "?timeout=400ms").code() == 429);
        long begin = System.nanoTime();
        assertEquals(429, user.get(MAPS + "?timeout=2s").code());
        Duration took = since(begin);
        assertTrue(
                took.compareTo(Duration.ofMillis(500)) >= 0 && took.compareTo(Duration.ofSeconds(2)) < 0,
                took::toString);
        assertEquals(504, slow.status());
        // It has left its seat.
        assertEquals(200, user.get(MAPS).code());
    }
}
