package io.keelson.apiserver.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.routing.ServicePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which user of a kubeconfig is shown to which webhook. */
class WebhookCredentialsTest {
    @TempDir
    private Path folder;

    private WebhookCredentials read(String users) throws IOException {
        return WebhookCredentials.read(Files.writeString(folder.resolve("hooks"), "users:\n" + users));
    }

    private static ClientConfig url(String url) {
        return new ClientConfig(url, null, "");
    }

    private static ClientConfig service(int port) {
        return new ClientConfig("", new ClientConfig.Service(new ServicePort("guard", "policy", port), "/"), "");
    }

    private static String token(@Nullable RemoteServer shown) {
        return shown == null ? "" : shown.token();
    }

    @Test
    void theClosestNameCounts() throws IOException {
        WebhookCredentials credentials = read("""
                - {name: 'policy.guard.svc', user: {token: service}}
                - {name: 'policy.guard.svc:8443', user: {token: service-8443}}
                - {name: 'a.example.com', user: {token: a}}
                - {name: '*.example.com', user: {token: all-of-example}}
                - {name: '*.com:444', user: {token: all-of-com-444}}
                - {name: '*', user: {username: u, password: p}}
                """);
        assertEquals("service", token(credentials.shownTo(service(443))));
        assertEquals("service-8443", token(credentials.shownTo(service(8443))));
        assertEquals("a", token(credentials.shownTo(url("https://a.example.com/x"))));
        assertEquals("all-of-example", token(credentials.shownTo(url("https://b.example.com"))));
        assertEquals("all-of-com-444", token(credentials.shownTo(url("https://b.example.com:444/"))));
        RemoteServer other = credentials.shownTo(url("https://other.org"));
        assertEquals("Basic dTpw", other == null ? "" : other.authorization());
        RemoteServer port = credentials.shownTo(service(444));
        assertEquals(
                "Basic dTpw", port == null ? "" : port.authorization(), "a name without a port is of the usual one");
    }

    @Test
    void withoutAUserOfItsNameAWebhookSeesTheCurrentOneOrNothing() throws IOException {
        assertNull(read("- {name: x, user: {token: t}}").shownTo(url("https://y")));
        assertEquals(
                "t",
                token(
                        read("- {name: x, user: {token: t}}\ncontexts: [{name: c, context: {user: x}}]\ncurrent-context: c")
                                .shownTo(url("https://y"))));
        assertNull(WebhookCredentials.NONE.shownTo(url("https://y")));
        assertNull(read("- {name: '*', user: {token: t}}").shownTo(url("https://[broken")));
    }

    @Test
    void programsThatWouldMakeCredentialsAreNotRun() {
        assertThrows(IOException.class, () -> read("- {name: '*', user: {exec: {command: /bin/true}}}"));
    }
}
