package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Reads at a resource version that there is not yet: they wait for it, but not for ever. */
@Execution(ExecutionMode.CONCURRENT)
final class FutureVersionsTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final Duration WAIT = Duration.ofSeconds(3);

    private static ApiServer server;
    private static Caller admin;

    @BeforeAll
    static void start() throws Exception {
        server = ApiServer.start(ApiServerConfig.ephemeral());
        admin = Caller.admin(server);
        make("there");
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    /** Makes a ConfigMap, and tells its resource version. */
    private static long make(String name) throws Exception {
        return Long.parseLong(admin.post(MAPS, "{\"metadata\":{\"name\":\"" + name + "\"}}")
                .succeeded()
                .at("/metadata/resourceVersion"));
    }

    private static long now() throws Exception {
        return Long.parseLong(admin.get(MAPS).succeeded().at("/metadata/resourceVersion"));
    }

    private static void isTooLarge(String path) throws Exception {
        long wanted = now() + 1_000_000;
        long begin = System.nanoTime();
        Caller.Answer answer = admin.get(path + "?resourceVersion=" + wanted);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertEquals(504, answer.code(), answer.text());
        assertEquals("Timeout", answer.at("/reason"));
        assertTrue(
                answer.at("/message").matches("Timeout: Too large resource version: " + wanted + ", current: \\d+"),
                answer.text());
        assertEquals(1, answer.body().at("/details/causes").size());
        assertEquals("ResourceVersionTooLarge", answer.at("/details/causes/0/reason"));
        assertEquals("Too large resource version", answer.at("/details/causes/0/message"));
        assertEquals(1, answer.body().at("/details/retryAfterSeconds").asInt());
        assertTrue(took.compareTo(WAIT) >= 0, took::toString);
    }

    @Test
    void objectsAreNotToBeHadFromTheFuture() throws Exception {
        isTooLarge(MAPS + "/there");
    }

    @Test
    void norAreObjectsThatThereAreNot() throws Exception {
        isTooLarge(MAPS + "/missing");
    }

    @Test
    void norAreLists() throws Exception {
        isTooLarge(MAPS);
    }

    @Test
    void norDoWatchesBeginWithWhatIsToComeButTellSoThemselves() throws Exception {
        long wanted = now() + 1_000_000;
        Caller.Answer answer = admin.get(MAPS + "?watch=1&timeoutSeconds=300&allowWatchBookmarks=true"
                + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=" + wanted);
        assertEquals(200, answer.code(), answer.text());
        assertEquals(1, answer.text().lines().count(), answer.text());
        assertEquals("ERROR", answer.at("/type"));
        assertEquals("Status", answer.at("/object/kind"));
        assertEquals(504, answer.body().at("/object/code").asInt());
        assertEquals("Timeout", answer.at("/object/reason"));
        assertTrue(
                answer.at("/object/message")
                        .matches("Timeout: Too large resource version: " + wanted + ", current: \\d+"),
                answer.text());
        assertEquals("ResourceVersionTooLarge", answer.at("/object/details/causes/0/reason"));
    }

    @Test
    void whatComesTrueInTimeIsAnswered() throws Exception {
        long next = now() + 1;
        CompletableFuture<Caller.Answer> early = CompletableFuture.supplyAsync(() -> {
            try {
                return admin.get(MAPS + "/there?resourceVersion=" + next);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        make("later");
        Caller.Answer answer = early.get(30, TimeUnit.SECONDS);
        assertEquals(200, answer.code(), answer.text());
        assertEquals("there", answer.at("/metadata/name"));
    }

    @Test
    void versionsOfThePastAreAnsweredWithWhatIsThereNow() throws Exception {
        // Any state that is not older will do for such a read, so the cache has to have seen the object first.
        long seen = make("present");
        assertEquals(
                200, admin.get(MAPS + "/present?resourceVersion=" + seen).code(), "waits until the cache is there");
        Caller.Answer answer = admin.get(MAPS + "/present?resourceVersion=1");
        assertEquals("present", answer.succeeded().at("/metadata/name"));
        assertEquals(404, admin.get(MAPS + "/absent?resourceVersion=1").code());
        assertEquals(422, admin.get(MAPS + "/present?resourceVersion=new").code());
    }
}
