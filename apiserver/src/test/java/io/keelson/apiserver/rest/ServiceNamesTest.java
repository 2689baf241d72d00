package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names of services may begin with a digit, also where an Ingress names them. */
@ExtendWith(LiveApi.Extension.class)
class ServiceNamesTest {
    private final LiveApi api;
    private final String namespace;

    ServiceNamesTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    private Answer service(String name) {
        return api.post(
                "/api/v1/namespaces/" + namespace + "/services",
                "{'metadata': {'name': '" + name + "'}, 'spec': {'ports': [{'port': 80}]}}");
    }

    private Answer ingress(String service) {
        return api.post(
                "/apis/networking.k8s.io/v1/namespaces/" + namespace + "/ingresses",
                "{'metadata': {'name': 'way'}, 'spec': {'defaultBackend': {'service': {'name': '" + service
                        + "', 'port': {'number': 80}}}}}");
    }

    @Test
    void nameMayBeginWithADigit() {
        assertEquals(201, service("1a").code());
        assertEquals(201, ingress("1a").code());
    }

    @Test
    void nameIsALabel() {
        for (Answer answer : List.of(service("a_b"), ingress("a_b"))) {
            assertEquals(422, answer.code());
            assertTrue(answer.message().contains("a lowercase RFC 1123 label must consist of"), answer::message);
        }
    }
}
