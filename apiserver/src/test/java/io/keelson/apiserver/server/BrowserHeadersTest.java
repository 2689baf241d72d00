package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of some origins may use the API, and browsers are told about TLS. */
final class BrowserHeadersTest {
    private static ApiServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = ApiServer.start(Flags.config(
                folder,
                "--cors-allowed-origins=^https://console\\.example\\.com(:|$),//localhost:3000$",
                "--strict-transport-security-directives=max-age=31536000,includeSubDomains"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RawClient.Answer ask(String method, String target, String... fields) throws Exception {
        try (RawClient client = new RawClient(server)) {
            return client.send(method, target, fields).answer();
        }
    }

    private static boolean has(RawClient.Answer answer, String field) {
        return answer.head().toLowerCase(Locale.ROOT).contains(field.toLowerCase(Locale.ROOT) + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://console.example.com", "https://console.example.com:8443", "http://localhost:3000"})
    void whatABrowserAsksFirstIsAnsweredToAnybody(String origin) throws Exception {
        RawClient.Answer answer = ask(
                "OPTIONS",
                "/api/v1/namespaces/default/pods",
                "Origin: " + origin,
                "Access-Control-Request-Method: DELETE",
                "Authorization: Bearer nonsense");
        assertEquals(204, answer.status(), answer.head());
        assertTrue(has(answer, "Access-Control-Allow-Origin: " + origin), answer.head());
        assertTrue(has(answer, "Access-Control-Allow-Methods: POST, GET, OPTIONS, PUT, DELETE, PATCH"), answer.head());
        assertTrue(
                has(
                        answer,
                        "Access-Control-Allow-Headers: Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token,"
                                + " Authorization, X-Requested-With, If-Modified-Since"),
                answer.head());
        assertTrue(has(answer, "Access-Control-Expose-Headers: Date"), answer.head());
        assertTrue(has(answer, "Access-Control-Allow-Credentials: true"), answer.head());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://console.example.com.evil.org",
                "https://evil.org/?https://console.example.com",
                "http://console.example.com",
                "http://localhost:30000",
                "null"
            })
    void cve20221996OtherOriginsAreToldNothing(String origin) throws Exception {
        RawClient.Answer answer = ask("GET", "/version", "Origin: " + origin);
        assertEquals(200, answer.status());
        assertFalse(answer.head().contains("Access-Control"), answer.head());
        assertFalse(ask("OPTIONS", "/version", "Origin: " + origin).status() == 204);
    }

    @Test
    void answersAndRefusalsAreForThePagesToSee() throws Exception {
        String origin = "https://console.example.com";
        for (String target : List.of("/api/v1/namespaces", "/api/v1/nothing")) {
            RawClient.Answer answer = ask("GET", target, "Origin: " + origin);
            assertTrue(has(answer, "Access-Control-Allow-Origin: " + origin), answer.head());
        }
    }

    @Test
    void everyAnswerTellsToUseTls() throws Exception {
        String told = "Strict-Transport-Security: max-age=31536000; includeSubDomains";
        assertTrue(has(ask("GET", "/version"), told));
        assertTrue(has(ask("GET", "/api/v1/nothing"), told));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --cors-allowed-origins=                                         | empty value in --cors-allowed-origins
                    --cors-allowed-origins=example.com                              | --cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header
                    --cors-allowed-origins=//example.com                            | --cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header
                    --cors-allowed-origins=example.com$                             | --cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header
                    --strict-transport-security-directives=always                   | --strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information
                    --strict-transport-security-directives=,preload                 | empty value in strict-transport-security-directives
                    """)
    void whatCannotBeIsRefused(String flag, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, flag))
                        .getMessage());
    }

    @Test
    void whatIsNoExpressionIsRefused(@TempDir Path folder) {
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> Flags.config(folder, "--cors-allowed-origins=^https://[$"))
                .getMessage());
        assertTrue(
                message.startsWith("--cors-allowed-origins has an invalid regular expression: error parsing regexp: "),
                message);
    }
}
