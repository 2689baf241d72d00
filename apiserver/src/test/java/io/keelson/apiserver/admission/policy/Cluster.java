package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.webhook.Api;
import io.keelson.apiserver.admission.webhook.Api.Answer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A running server on which each test has a namespace, and policies for that alone. */
final class Cluster implements AutoCloseable {
    private static final String GROUP = "/apis/admissionregistration.k8s.io/v1/";
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Api api = new Api();

    Api api() {
        return api;
    }

    static String freshName() {
        return "n" + NAMES.incrementAndGet();
    }

    /** Makes a namespace whose label {@code ns} is its name. */
    String namespace() {
        String name = "ns-" + NAMES.incrementAndGet();
        api.yaml("/api/v1/namespaces", """
                apiVersion: v1
                kind: Namespace
                metadata: {name: %s, labels: {ns: %s}}
                """.formatted(name, name)).succeeded();
        return name;
    }

    /**
     * Makes a policy of the name of its namespace that is about ConfigMaps, and a binding to that namespace.
     *
     * @param kind Validating or Mutating
     * @param spec what else is in its specification, indented by two spaces
     */
    void policy(String kind, String namespace, String spec) {
        policy(kind, namespace, spec, binding(kind));
    }

    static String binding(String kind) {
        return kind.equals("Validating") ? "  validationActions: [Deny]" : "";
    }

    /** As above, with what else is in the binding's specification. */
    void policy(String kind, String namespace, String spec, String binding) {
        create(kind, "policies", namespace, constrained(spec, "configmaps")).succeeded();
        bind(kind, namespace, namespace, binding);
    }

    static String constrained(String spec, String resource) {
        return """
                  matchConstraints:
                    resourceRules:
                    - apiGroups: [""]
                      apiVersions: [v1]
                      operations: [CREATE, UPDATE]
                      resources: [%s]
                """.formatted(resource) + spec;
    }

    void bind(String kind, String name, String namespace, String binding) {
        create(kind, "policybindings", name, """
                  policyName: %s
                  matchResources:
                    namespaceSelector: {matchLabels: {ns: %s}}
                """.formatted(namespace, namespace) + binding)
                .succeeded();
    }

    /** @param what {@code policies} or {@code policybindings} */
    Answer create(String kind, String what, String name, String spec) {
        String suffix = what.equals("policies") ? "AdmissionPolicy" : "AdmissionPolicyBinding";
        return api.yaml(
                GROUP + kind.toLowerCase(Locale.ROOT) + "admission" + what, """
                apiVersion: admissionregistration.k8s.io/v1
                kind: %s%s
                metadata: {name: %s}
                spec:
                """.formatted(kind, suffix, name) + spec);
    }

    static String maps(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    /**
     * Makes a ConfigMap of a new name.
     *
     * @param data as YAML, in braces
     */
    Answer map(String namespace, String data) {
        return api.yaml(maps(namespace), """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: %s}
                data: %s
                """.formatted(freshName(), data));
    }

    /** Makes ConfigMaps until the answer is as it should be: policies take effect a moment after they are made. */
    Answer mapUntil(String namespace, String data, Predicate<Answer> fine) {
        return Api.until(() -> map(namespace, data), fine);
    }

    /** Makes ConfigMaps until one is refused. */
    Answer refused(String namespace, String data) {
        return mapUntil(namespace, data, answer -> answer.code() >= 400);
    }

    @Override
    public void close() {
        api.close();
    }
}
