package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.ui.WebPage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the web page, and who gets them. */
final class WebPageTest {
    private static final int BYTES_MAX = 150_000;
    private static final Pattern IMPORTED = Pattern.compile("(?:from|href=|src=) ?['\"]([^'\"#]+)['\"]");

    private static ApiServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = ApiServer.start(Flags.config(folder, "--anonymous-auth=false"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RawClient.Answer ask(String method, String target, String... fields) throws IOException {
        try (RawClient client = new RawClient(server)) {
            return client.send(method, target, fields).answer();
        }
    }

    private static String field(RawClient.Answer answer, String name) {
        return answer.head()
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }

    private static List<Path> files() throws IOException, URISyntaxException {
        URL first = Objects.requireNonNull(WebPage.class.getResource("index.html"));
        try (Stream<Path> all = Files.list(Path.of(first.toURI()).resolveSibling("."))) {
            return all.filter(file -> !file.toString().endsWith(".class")).toList();
        }
    }

    @Test
    void thePageIsForAnybodyAndNothingElseIs() throws Exception {
        try (Caller stranger = Caller.stranger(server)) {
            assertTrue(stranger.get("/ui/").succeeded().text().contains("<title>Keelson</title>"));
            assertEquals(
                    200,
                    stranger.get("/ui/", "Authorization", "Bearer nonsense").code());
            assertEquals(401, stranger.get("/api/v1/nodes").code());
            assertEquals(401, stranger.get("/debug/store").code());
            assertEquals(401, stranger.get("/uix").code());
        }
    }

    @Test
    void everyFileIsServedAsWhatItIs() throws Exception {
        for (Path file : files()) {
            String name = String.valueOf(file.getFileName());
            RawClient.Answer answer = ask("GET", "/ui/" + name);
            assertEquals(200, answer.status(), name);
            assertEquals(Files.readString(file), answer.body(), name);
            String type = name.endsWith(".js") ? "text/javascript; charset=utf-8" : "";
            assertTrue(
                    field(answer, "Content-Type").startsWith(type)
                            && !field(answer, "Content-Type").isEmpty(),
                    name);
        }
        assertEquals("text/html; charset=utf-8", field(ask("GET", "/ui/"), "Content-Type"));
    }

    @Test
    void theFilesNameNoneButEachOther() throws Exception {
        List<String> names =
                files().stream().map(file -> String.valueOf(file.getFileName())).toList();
        long size = 0;
        for (Path file : files()) {
            String text = Files.readString(file).replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            size += Files.size(file);
            for (MatchResult named : IMPORTED.matcher(text).results().toList()) {
                String name = named.group(1).replaceFirst("^\\./", "");
                assertTrue(names.contains(name), file + " needs " + name);
            }
            assertFalse(text.contains("http:") || text.contains("https:"), file + " names a host");
            assertFalse(
                    text.matches("(?s).*(innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\().*"),
                    file + " makes markup of texts");
        }
        assertTrue(size < BYTES_MAX, size + " bytes");
    }

    @Test
    void browsersAreToldToHoldThePageInItsBounds() throws Exception {
        for (String target : List.of("/ui/", "/ui/main.js", "/ui/nothing", "/ui")) {
            RawClient.Answer answer = ask("GET", target);
            String policy = field(answer, "Content-Security-Policy");
            for (String directive : List.of(
                    "default-src 'none'",
                    "script-src 'self'",
                    "connect-src 'self'",
                    "frame-ancestors 'none'",
                    "base-uri 'none'",
                    "form-action 'none'",
                    "require-trusted-types-for 'script'")) {
                assertTrue(List.of(policy.split("; ", -1)).contains(directive), target + ": " + policy);
            }
            assertFalse(policy.contains("unsafe"), policy);
            assertEquals("nosniff", field(answer, "X-Content-Type-Options"), target);
            assertEquals("DENY", field(answer, "X-Frame-Options"), target);
            assertEquals("no-referrer", field(answer, "Referrer-Policy"), target);
            assertEquals("same-origin", field(answer, "Cross-Origin-Opener-Policy"), target);
            assertEquals("no-cache", field(answer, "Cache-Control"), target);
        }
    }

    @Test
    void whatABrowserHasItIsNotSentAgain() throws Exception {
        String tag = field(ask("GET", "/ui/main.js"), "ETag");
        assertTrue(tag.matches("\"[0-9a-f]{32}\""), tag);
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            RawClient.Answer answer = ask("GET", "/ui/main.js", "If-None-Match: " + known);
            assertEquals(304, answer.status(), known);
            assertEquals(tag, field(answer, "ETag"));
        }
        assertEquals(200, ask("GET", "/ui/main.js", "If-None-Match: \"other\"").status());
        assertEquals(200, ask("GET", "/ui/api.js", "If-None-Match: " + tag).status());
    }

    @Test
    void withoutTheSlashOneIsSentToIt() throws Exception {
        RawClient.Answer answer = ask("GET", "/ui");
        assertEquals(302, answer.status());
        assertEquals("ui/", field(answer, "Location"));
    }

    @Test
    void aHeadHasNoBody() throws Exception {
        try (RawClient client = new RawClient(server)) {
            client.send("HEAD", "/ui/main.js").send("GET", "/ui");
            byte[] bytes = client.socket().getInputStream().readNBytes("HTTP/1.1 200".length());
            assertEquals("HTTP/1.1 200", new String(bytes, StandardCharsets.ISO_8859_1));
            // What follows its head is the next answer.
            String head;
            do {
                head = TestBackend.line(client.socket().getInputStream());
            } while (!head.isEmpty());
            assertEquals(302, client.answer().status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
    void otherMethodsAreRefused(String method) throws Exception {
        RawClient.Answer answer = ask(method, "/ui/", "Content-Length: 0");
        assertEquals(405, answer.status());
        assertEquals("GET, HEAD", field(answer, "Allow"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui/../api/v1/nodes",
                "/ui/..%2f..%2fetc/passwd",
                "/ui/%2e%2e/%2e%2e/etc/passwd",
                "/ui/....//main.js",
                "/ui//main.js",
                "/ui/main.js/",
                "/ui/main.js%00.html",
                "/ui/PageFile.class",
                "/ui/%5c..%5cmain.js",
                "/ui/index.html;x"
            })
    void onlyFilesOfThePageAreThere(String target) throws Exception {
        RawClient.Answer answer = ask("GET", target);
        assertTrue(answer.status() == 404 || answer.status() == 400, answer.head());
    }

    @ParameterizedTest
    @CsvSource({"/ui/?x=1,200", "/ui/main.js?v=2,200", "/ui/%6dain.js,200"})
    void queriesMeanNothing(String target, int status) throws Exception {
        assertEquals(status, ask("GET", target).status());
    }

    @Test
    void aFlagTakesItAway(@TempDir Path folder) throws Exception {
        try (ApiServer without = ApiServer.start(Flags.config(folder, "--enable-ui=false"));
                Caller admin = Caller.admin(without)) {
            assertEquals(404, admin.get("/ui/").code());
            assertEquals(404, admin.get("/ui").code());
            assertEquals(200, admin.get("/debug/store").code());
        }
    }

    @Test
    void theStoreIsToldOfToWhoMaySeeIt() throws Exception {
        try (Caller admin = Caller.admin(server)) {
            Caller.Answer told = admin.get("/debug/store").succeeded();
            assertEquals("etcd-0", told.at("/stores/0/name"));
            assertEquals("true", told.at("/stores/0/members/0/leader"));
            assertEquals("[]", told.body().at("/stores/0/silent").toString());
            assertTrue(told.body().at("/stores/0/members/0/status/revision").asLong() > 0, told.text());
            assertTrue(
                    told.body()
                                    .at("/stores/0/members/0/status/raftAppliedIndex")
                                    .asLong()
                            > 0,
                    told.text());
            assertEquals(405, admin.call("DELETE", "/debug/store", "").code());
            assertEquals(404, admin.get("/debug/store/more").code());
            assertFalse(admin.get("/").text().contains("/debug"));
        }
    }
}
