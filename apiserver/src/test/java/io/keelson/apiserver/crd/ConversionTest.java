package io.keelson.apiserver.crd;

import static io.keelson.apiserver.crd.LiveServer.DEFINITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.crd.LiveServer.Answer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kinds with several versions, converted by nobody and by a webhook. */
@ExtendWith(LiveServer.Extension.class)
final class ConversionTest {
    private static final String V1 =
            "{'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': {'host': {'type': 'string'},"
                    + " 'port': {'type': 'integer', 'default': 80}}}}}";
    private static final String V2 =
            "{'type': 'object', 'properties': {'spec': {'type': 'object', 'required': ['address'], 'properties':"
                    + " {'address': {'type': 'string'}, 'mode': {'type': 'string', 'default': 'fast'}}}}}";

    private static String hosts(String group, String stored, String conversion) {
        return """
                {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                 'metadata': {'name': 'hosts.%1$s'},
                 'spec': {'group': '%1$s', 'scope': 'Namespaced', 'names': {'plural': 'hosts', 'kind': 'Host'},
                  'conversion': %3$s,
                  'versions': [
                   {'name': 'v1', 'served': true, 'storage': %4$s, 'deprecated': true,
                    'schema': {'openAPIV3Schema': %5$s}},
                   {'name': 'v2', 'served': true, 'storage': %2$s, 'schema': {'openAPIV3Schema': %6$s}}]}}""".formatted(group, stored.equals("v2"), conversion, stored.equals("v1"), V1, V2);
    }

    private static String webhook(ConversionServer server) {
        return "{'strategy': 'Webhook', 'webhook': {'conversionReviewVersions': ['v1'], 'clientConfig': {'url': '"
                + server.url() + "', 'caBundle': '" + server.caBundle() + "'}}}";
    }

    private static String path(String group, String version) {
        return "/apis/" + group + "/" + version + "/namespaces/default/hosts";
    }

    private static String host(String group, String version, String name, String spec) {
        return "{'apiVersion': '" + group + "/" + version + "', 'kind': 'Host', 'metadata': {'name': '" + name
                + "', 'labels': {'a': 'b'}}, 'spec': " + spec + "}";
    }

    @Test
    void withoutConversionOnlyTheVersionChanges(LiveServer api) {
        String group = LiveServer.group();
        api.define(hosts(group, "v1", "{'strategy': 'None'}"));
        Answer made = api.post(path(group, "v1"), host(group, "v1", "h", "{'host': 'x'}"));
        assertEquals(201, made.code(), made.body().toString());
        assertTrue(
                made.response().headers().allValues("Warning").stream()
                        .anyMatch(text -> text.contains(group + "/v1 Host is deprecated; use " + group + "/v2 Host")),
                made.response().headers().toString());
        Answer other = api.get(path(group, "v2") + "/h");
        assertEquals(group + "/v2", other.text("/apiVersion"));
        assertFalse(other.at("/spec").has("host"), other.body().toString());
        // Each version is judged by its own schema.
        Answer refused = api.post(path(group, "v2"), host(group, "v2", "i", "{}"));
        assertTrue(refused.message().contains("spec.address: Required value"), refused.message());
        assertEquals(
                "fast",
                api.post(path(group, "v2"), host(group, "v2", "i", "{'address': 'x:1'}"))
                        .text("/spec/mode"));
    }

    @Test
    void theWebhookConvertsWhatIsWrittenAndRead(LiveServer api) {
        try (ConversionServer server = new ConversionServer("127.0.0.1")) {
            String group = LiveServer.group();
            api.define(hosts(group, "v1", webhook(server)));
            Answer made = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:8080'}"));
            assertEquals(201, made.code(), made.body().toString());
            assertEquals("x:8080", made.text("/spec/address"));
            Answer old = api.get(path(group, "v1") + "/h");
            assertEquals("x", old.text("/spec/host"));
            assertEquals(8080, old.at("/spec/port").asInt());
            assertEquals("b", old.text("/metadata/labels/a"));
            api.merge(path(group, "v1") + "/h", "{'spec': {'port': 1}}").succeeded();
            assertEquals("x:1", api.get(path(group, "v2") + "/h").text("/spec/address"));
            assertEquals("x:1", api.get(path(group, "v2")).text("/items/0/spec/address"));
            Answer applied = api.apply(
                    path(group, "v2") + "/h",
                    "me",
                    "apiVersion: " + group + "/v2\nkind: Host\nmetadata: {name: h, labels: {c: d}}\n");
            assertEquals(200, applied.code(), applied.body().toString());
            assertEquals("x:1", applied.text("/spec/address"));

            // Another version to store in; what is stored already is read as it was, and rewritten when it is written.
            String definition = DEFINITIONS + "/hosts." + group;
            ObjectNode changed = api.get(definition).object();
            ((ObjectNode) changed.at("/spec/versions/0")).put("storage", false);
            ((ObjectNode) changed.at("/spec/versions/1")).put("storage", true);
            assertEquals(
                    "[\"v1\",\"v2\"]",
                    api.put(definition, changed).at("/status/storedVersions").toString());
            api.await(
                    path(group, "v2") + "/h",
                    answer -> answer.text("/spec/address").equals("x:1"));
            api.post(path(group, "v1"), host(group, "v1", "i", "{'host': 'y'}")).succeeded();
            assertEquals(2, api.get(path(group, "v1")).at("/items").size());
            assertEquals("y:80", api.get(path(group, "v2") + "/i").text("/spec/address"));
        }
    }

    @Test
    void whatAWebhookMayNotAnswerIsRefused(LiveServer api) {
        try (ConversionServer server = new ConversionServer("127.0.0.1")) {
            String group = LiveServer.group();
            api.define(hosts(group, "v1", webhook(server)));
            String what = "conversion webhook for " + group + "/v2, Kind=Host ";
            Map<String, UnaryOperator<ObjectNode>> spoilt = new LinkedHashMap<>();
            spoilt.put("failed: expected response.uid=", review -> {
                review.withObject("/response").put("uid", "other");
                return review;
            });
            spoilt.put("failed: not today", review -> {
                review.withObject("/response/result").put("status", "Failure").put("message", "not today");
                return review;
            });
            spoilt.put("failed: response.result.status was 'Failure', not 'Success'", review -> {
                review.withObject("/response/result").put("status", "Failure");
                return review;
            });
            spoilt.put("failed: no response provided", review -> {
                review.remove("response");
                return review;
            });
            spoilt.put(
                    "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got",
                    review -> review.put("kind", "Something"));
            spoilt.put("returned 0 objects, expected 1", review -> {
                ((ArrayNode) review.at("/response/convertedObjects")).removeAll();
                return review;
            });
            spoilt.put("returned invalid object: must have the same name: h != i", change("/metadata", "name", "i"));
            spoilt.put(
                    "returned invalid object at index 0: invalid kind (expected Host, received Ghost)",
                    change("", "kind", "Ghost"));
            spoilt.put(
                    "returned invalid object at index 0: invalid groupVersion (expected " + group
                            + "/v1, received x/v1)",
                    change("", "apiVersion", "x/v1"));
            spoilt.put(
                    "returned invalid metadata: invalid metadata.labels of type string",
                    change("/metadata", "labels", "x"));
            spoilt.put("returned invalid metadata: metadata.labels: Invalid value: \"bad!\"", review -> {
                ((ObjectNode) review.at("/response/convertedObjects/0/metadata/labels")).put("bad!", "x");
                return review;
            });
            spoilt.forEach((expected, spoil) -> {
                server.spoil(spoil);
                Answer answer = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
                assertEquals(500, answer.code(), expected);
                assertTrue(answer.message().startsWith(what + expected), answer.message());
            });
            server.spoil(UnaryOperator.identity());
            int before = server.calls();
            server.answerWith(302);
            Answer redirected = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
            assertEquals(
                    what + "failed: the server responded with the status code 302 but did not return more information",
                    redirected.message());
            assertEquals(before + 1, server.calls());
            server.answerWith(500);
            assertEquals(
                    what
                            + "failed: an error on the server (\"out of order\") has prevented the request from succeeding",
                    api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"))
                            .message());
            // Labels may be changed by a webhook; nothing else of the metadata.
            server.answerWith(200);
            server.spoil(review -> {
                ObjectNode metadata = (ObjectNode) review.at("/response/convertedObjects/0/metadata");
                metadata.put("generation", 77);
                metadata.putObject("labels").put("c", "d");
                return review;
            });
            api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"))
                    .succeeded();
            Answer stored = api.get(path(group, "v1") + "/h");
            assertEquals(1, stored.at("/metadata/generation").asInt());
            assertEquals("{\"c\":\"d\"}", stored.at("/metadata/labels").toString());
        }
    }

    private static UnaryOperator<ObjectNode> change(String place, String field, String value) {
        return review -> {
            ((ObjectNode) review.at("/response/convertedObjects/0" + place)).put(field, value);
            return review;
        };
    }

    @Test
    void aWebhookThatIsNotThereIsToldOf(LiveServer api) {
        String group = LiveServer.group();
        String url;
        String conversion;
        try (ConversionServer server = new ConversionServer("127.0.0.1")) {
            url = server.url();
            conversion = webhook(server);
        }
        api.define(hosts(group, "v1", conversion));
        Answer answer = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
        assertEquals(500, answer.code());
        String address = url.substring("https://".length(), url.length() - "/convert".length());
        assertEquals(
                "conversion webhook for " + group + "/v2, Kind=Host failed: Post \"" + url + "?timeout=30s\": dial tcp "
                        + address + ": connect: connection refused",
                answer.message());
        // Those who speak the stored version are not concerned; those who do not learn why.
        api.post(path(group, "v1"), host(group, "v1", "h", "{'host': 'x'}")).succeeded();
        assertEquals(500, api.get(path(group, "v2") + "/h").code());
        Answer list = api.get(path(group, "v2"));
        assertEquals(500, list.code(), list.body().toString());
        assertTrue(
                list.message().startsWith("conversion webhook for " + group + "/v1, Kind=Host failed: "),
                list.message());
    }

    @Test
    void aWebhookWithACertificateOfSomebodyElseIsNotSpokenTo(LiveServer api) {
        try (ConversionServer server = new ConversionServer("127.0.0.1");
                ConversionServer other = new ConversionServer("127.0.0.1")) {
            String group = LiveServer.group();
            api.define(hosts(group, "v1", webhook(server).replace(server.caBundle(), other.caBundle())));
            Answer answer = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
            assertTrue(
                    answer.message()
                            .endsWith(
                                    "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
                    answer.message());
            assertEquals(0, server.calls());
        }
    }

    @Test
    void aServiceIsReachedAtItsAddressAndKnownByItsName(LiveServer api) {
        try (ConversionServer server = new ConversionServer("hooks.default.svc")) {
            String group = LiveServer.group();
            String conversion =
                    "{'strategy': 'Webhook', 'webhook': {'conversionReviewVersions': ['v1'], 'clientConfig':"
                            + " {'service': {'name': 'hooks', 'namespace': 'default', 'port': " + server.port()
                            + ", 'path': '/convert'}, 'caBundle': '" + server.caBundle() + "'}}}";
            api.define(hosts(group, "v1", conversion));
            Answer missing = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
            assertTrue(missing.message().endsWith(": service \"hooks\" not found"), missing.message());
            api.post(
                            "/api/v1/namespaces/default/services",
                            "{'metadata': {'name': 'hooks'}, 'spec': {'type': 'ExternalName', 'externalName': 'localhost'}}")
                    .succeeded();
            Answer made = api.post(path(group, "v2"), host(group, "v2", "h", "{'address': 'x:1'}"));
            assertEquals(201, made.code(), made.body().toString());
            assertEquals(1, api.get(path(group, "v1") + "/h").at("/spec/port").asInt());
        }
    }
}
