package io.keelson.kvstore.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What the health pages say of a member that is not well, with etcd's words and codes. */
class HealthPagesTest {
    private static final String ALL_WELL =
            "[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\n";

    private final Member member = new Member();
    private final HealthPages pages = new HealthPages(member);
    private final Router router = new Router(List.of(), List.of());

    HealthPagesTest() {
        pages.addTo(router);
    }

    /** A member that is well until a test says otherwise. */
    private static final class Member implements HealthSource {
        List<String> alarms = List.of();
        boolean leader = true;
        boolean learner;
        CompletableFuture<Void> serializableRead = CompletableFuture.completedFuture(null);
        CompletableFuture<Void> linearizableRead = CompletableFuture.completedFuture(null);

        @Override
        public List<String> alarms() {
            return alarms;
        }

        @Override
        public boolean hasLeader() {
            return leader;
        }

        @Override
        public boolean learner() {
            return learner;
        }

        @Override
        public CompletableFuture<Void> read(boolean serializable) {
            // The pages put a time limit on what they are given.
            return (serializable ? serializableRead : linearizableRead).copy();
        }
    }

    private String ask(String method, String path, Map<String, List<String>> query) {
        List<String> answers = new ArrayList<>();
        router.handle(new PageRequest(method, path, query, answers));
        assertEquals(1, answers.size(), path);
        return answers.getFirst();
    }

    private String get(String path) {
        return ask("GET", path, Map.of());
    }

    private String get(String path, String parameter, String... values) {
        return ask("GET", path, Map.of(parameter, List.of(values)));
    }

    private static CompletableFuture<Void> failed(EtcdError error) {
        return CompletableFuture.failedFuture(error.exception());
    }

    @Test
    void aMemberThatIsWellSaysSoOnEveryPage() {
        assertEquals("200 {\"health\":\"true\",\"reason\":\"\"}", get("/health"));
        assertEquals("200 ok\n", get("/livez"));
        assertEquals("200 ok\n", get("/readyz"));
        assertEquals("200 [+]serializable_read ok\nok\n", get("/livez", "verbose", ""));
        assertEquals("200 " + ALL_WELL + "ok\n", get("/readyz", "verbose", ""));
        for (String check : List.of("data_corruption", "serializable_read", "linearizable_read", "non_learner")) {
            assertEquals("200 ok\n", get("/readyz/" + check));
        }
        assertEquals("404 404 page not found\n", get("/livez/linearizable_read"));
    }

    @Test
    void anAlarmMakesHealthFailUnlessItIsLeftOut() {
        member.alarms = List.of("NOSPACE");
        assertEquals("503 {\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}\n", get("/health"));
        assertEquals("200 {\"health\":\"true\",\"reason\":\"\"}", get("/health", "exclude", "NOSPACE"));
        // It is full, and answers all the same.
        assertEquals("200 ok\n", get("/readyz"));
        member.alarms = List.of("NOSPACE", "CORRUPT");
        assertEquals("503 {\"health\":\"false\",\"reason\":\"ALARM CORRUPT\"}\n", get("/health", "exclude", "NOSPACE"));
        assertEquals("200 {\"health\":\"true\",\"reason\":\"\"}", get("/health", "exclude", "NOSPACE", "CORRUPT"));
    }

    @Test
    void withoutALeaderOnlyTheHealthOfTheMemberAloneIsWell() {
        member.leader = false;
        member.linearizableRead = failed(EtcdError.NO_LEADER);
        assertEquals("503 {\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}\n", get("/health"));
        assertEquals("200 {\"health\":\"true\",\"reason\":\"\"}", get("/health", "serializable", "true"));
        assertEquals("200 ok\n", get("/livez"));
        String wrong = "[-]linearizable_read failed: etcdserver: no leader\n";
        assertEquals(
                "503 [+]data_corruption ok\n[+]serializable_read ok\n" + wrong + "[+]non_learner ok\n\n",
                get("/readyz"));
        assertEquals("503 " + wrong + "\n", get("/readyz/linearizable_read"));
        assertEquals("200 ok\n", get("/readyz/serializable_read"));
    }

    @Test
    void checksAreChosenByWhatIsLeftOutAndByWhatIsAllowed() {
        member.linearizableRead = failed(EtcdError.NO_LEADER);
        member.learner = true;
        assertEquals("200 ok\n", get("/readyz", "exclude", "linearizable_read", "non_learner"));
        assertEquals("200 ok\n", get("/readyz", "allowlist", "serializable_read"));
        assertEquals(
                "503 [+]serializable_read ok\n[-]non_learner failed: not supported for learner\n\n",
                get("/readyz", "allowlist", "serializable_read", "non_learner"));
        assertEquals(
                "200 [+]data_corruption ok\nok\n",
                ask(
                        "GET",
                        "/readyz",
                        Map.of(
                                "verbose",
                                List.of(""),
                                "allowlist",
                                List.of("data_corruption", "non_learner"),
                                "exclude",
                                List.of("non_learner"))));
    }

    @Test
    void corruptDataMakeAMemberUnready() {
        member.alarms = List.of("CORRUPT");
        assertEquals("503 [-]data_corruption failed: alarm activated: CORRUPT\n\n", get("/readyz/data_corruption"));
        assertEquals("200 ok\n", get("/livez"));
    }

    @Test
    void aReadThatFailsIsTold() {
        member.serializableRead = failed(EtcdError.STOPPED);
        String text = EtcdError.STOPPED.text();
        assertEquals("503 [-]serializable_read failed: " + text + "\n\n", get("/livez"));
        assertEquals(
                "503 {\"health\":\"false\",\"reason\":\"RANGE ERROR:" + text + "\"}\n",
                get("/health", "serializable", "true"));
        member.linearizableRead = CompletableFuture.failedFuture(new TimeoutException());
        assertEquals(
                "503 {\"health\":\"false\",\"reason\":\"RANGE ERROR:context deadline exceeded\"}\n", get("/health"));
    }

    @Test
    void aRefusalForLackOfAUserShowsThatTheStoreCanBeAsked() {
        for (EtcdError refusal : List.of(EtcdError.USER_EMPTY, EtcdError.PERMISSION_DENIED)) {
            member.serializableRead = failed(refusal);
            member.linearizableRead = failed(refusal);
            assertEquals("200 {\"health\":\"true\",\"reason\":\"\"}", get("/health"));
            assertEquals("200 ok\n", get("/readyz"));
        }
    }

    @Test
    void pagesAreOnlyRead() {
        assertEquals("405 Method Not Allowed\n", ask("POST", "/health", Map.of()));
        assertEquals("405 Method Not Allowed\n", ask("PUT", "/readyz", Map.of()));
    }

    @Test
    void resultsAreCounted() {
        assertEquals("200 ok\n", get("/livez"));
        member.serializableRead = failed(EtcdError.STOPPED);
        assertTrue(get("/livez").startsWith("503 "));
        assertTrue(get("/livez").startsWith("503 "));
        assertEquals(1, pages.successes());
        assertEquals(2, pages.failures());
        String labels = "name=\"serializable_read\",type=\"livez\"";
        assertEquals(List.of(new Metrics.Sample("", labels, 0)), pages.lastResults());
        assertEquals(
                List.of(
                        new Metrics.Sample("", labels + ",status=\"success\"", 1),
                        new Metrics.Sample("", labels + ",status=\"error\"", 2)),
                pages.checkCounts());
    }
}
