package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages {@code /statusz} and {@code /flagz} of a running server. */
final class ZPagesTest {
    private static final String ACCEPT = "Accept";
    private static final String STATUSZ = ";v=v1beta1;g=config.k8s.io;as=Statusz";

    private static ApiServer server;
    private static Caller admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = ApiServer.start(Flags.config(folder, "--event-ttl=90m", "--authorization-mode=Node,RBAC"));
        admin = Caller.admin(server);
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*/*",
                "text/plain",
                "text/*",
                "text/plain;charset=utf-8",
                "application/json;v=foo;g=config.k8s.io;as=Statusz,*/*",
                "application/json;q=0.9,text/plain"
            })
    void peopleGetText(String accept) throws Exception {
        Caller.Answer answer = accept.isEmpty() ? admin.get("/statusz") : admin.get("/statusz", ACCEPT, accept);
        assertEquals(200, answer.code());
        String begin = "\nkube-apiserver statusz\nWarning: This endpoint is not meant to be machine parseable, has no"
                + " formatting compatibility guarantees and is for debugging purposes only.\n\nStarted: ";
        assertTrue(answer.text().startsWith(begin), answer.text());
        assertTrue(answer.text().contains("\nBinary version: 1.36.0\nEmulation version: 1.36\n"), answer.text());
        assertTrue(
                answer.text().endsWith("\nPaths: /flagz /healthz /livez /metrics /readyz /statusz /version\n"),
                answer.text());
    }

    @Test
    void programsGetAnObjectOfTheKindThatTheyAskFor() throws Exception {
        Caller.Answer status =
                admin.get("/statusz", ACCEPT, "application/json" + STATUSZ).succeeded();
        assertEquals("Statusz", status.at("/kind"));
        assertEquals("config.k8s.io/v1beta1", status.at("/apiVersion"));
        assertEquals("kube-apiserver", status.at("/metadata/name"));
        assertEquals("1.36.0", status.at("/binaryVersion"));
        assertTrue(status.body().path("uptimeSeconds").isIntegralNumber(), status::text);
        assertEquals(List.of(), status.warnings());

        ObjectNode yaml = Yaml.parseObject(admin.bytes("/statusz", "application/yaml" + STATUSZ), new ArrayList<>());
        assertEquals(status.at("/startTime"), yaml.path("startTime").asText());

        Caller.Answer flags = admin.get("/flagz", ACCEPT, "application/json;v=v1beta1;g=config.k8s.io;as=Flagz")
                .succeeded();
        assertEquals("Flagz", flags.at("/kind"));
        assertEquals("90m", flags.at("/flags/event-ttl"));
    }

    @ParameterizedTest
    @CsvSource({"statusz, Statusz", "flagz, Flagz"})
    void anOldVersionIsWarnedOf(String page, String kind) throws Exception {
        Caller.Answer old = admin.get("/" + page, ACCEPT, "application/json;v=v1alpha1;g=config.k8s.io;as=" + kind)
                .succeeded();
        assertEquals("config.k8s.io/v1alpha1", old.at("/apiVersion"));
        assertEquals(
                List.of("299 - \"This version of the " + page
                        + " endpoint is deprecated. Please use a newer version.\""),
                old.warnings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/xml",
                "application/json;v=v1beta1;g=config.k8s.io",
                "application/json;v=v1beta1;g=config.k8s.io;as=Flagz",
                "application/json;v=v2;g=config.k8s.io;as=Statusz",
                "text/plain;v=v1beta1;g=config.k8s.io;as=Statusz",
                "application/vnd.kubernetes.protobuf;v=v1beta1;g=config.k8s.io;as=Statusz"
            })
    void whatThereIsNotIsNotAcceptable(String accept) throws Exception {
        Caller.Answer refused = admin.get("/statusz", ACCEPT, accept);
        assertEquals(406, refused.code());
        assertTrue(
                refused.text()
                        .contains("only the following media types are accepted: application/json, application/yaml,"
                                + " text/plain"),
                refused.text());
    }

    @Test
    void flagsAreShownWhetherTheyAreGivenOrNot() throws Exception {
        String text = admin.get("/flagz").succeeded().text();
        assertTrue(text.startsWith("\nkube-apiserver flagz\nWarning: "), text);
        for (String line : List.of(
                "event-ttl=90m", "authorization-mode=[Node,RBAC]", "anonymous-auth=true", "v=0", "etcd-servers=")) {
            assertTrue(text.contains("\n" + line + "\n"), line + " is not in " + text);
        }
        assertFalse(text.contains("\nhelp="), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/statusz", "/flagz"})
    void onlyThoseWhoMonitorMaySeeThem(String path) throws Exception {
        Deadline.await(() -> admin.get(path, "Impersonate-User", "watcher", "Impersonate-Group", "system:monitoring")
                        .code()
                == 200);
        assertEquals(403, admin.get(path, "Impersonate-User", "somebody").code());
        assertEquals(404, admin.get(path + "/more").code());
    }

    @Test
    void eachCanBeSwitchedOff(@TempDir Path folder) throws Exception {
        String gates = "--feature-gates=ComponentFlagz=false,ComponentStatusz=false";
        try (ApiServer without = ApiServer.start(Flags.config(folder, gates));
                Caller caller = Caller.admin(without)) {
            assertEquals(404, caller.get("/flagz").code());
            assertEquals(404, caller.get("/statusz").code());
            assertFalse(caller.get("/").succeeded().text().contains("statusz"));
        }
    }
}
