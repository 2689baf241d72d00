package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.List;

/** What is meant where a pod, or a template of pods, does not say it. */
public final class PodDefaults {
    private static final List<String> CONTAINERS = List.of("containers", "initContainers", "ephemeralContainers");
    private static final List<String> PROBES = List.of("livenessProbe", "readinessProbe", "startupProbe");

    private PodDefaults() {}

    /** Of a pod itself, which gets some that templates do not. */
    public static void pod(ObjectNode pod) {
        ObjectNode spec = Fill.object(pod, "spec");
        spec(spec);
        boolean hostNetwork = spec.path("hostNetwork").asBoolean();
        for (String kind : List.of("containers", "initContainers")) {
            for (ObjectNode container : Fill.objects(spec.path(kind))) {
                ResourceDefaults.requestLimits(container);
                if (hostNetwork) {
                    exposeOnHost(container);
                }
            }
        }
        Fill.flag(spec, "enableServiceLinks", true);
        ResourceDefaults.ofPod(spec);
    }

    /** Of the template of a kind that makes pods; nothing if it is not there. */
    public static void template(JsonNode template) {
        if (template instanceof ObjectNode object) {
            spec(Fill.object(object, "spec"));
        }
    }

    private static void spec(ObjectNode spec) {
        Fill.text(spec, "dnsPolicy", "ClusterFirst");
        Fill.text(spec, "restartPolicy", "Always");
        Fill.object(spec, "securityContext");
        Fill.number(spec, "terminationGracePeriodSeconds", 30);
        Fill.text(spec, "schedulerName", "default-scheduler");
        Fill.dropEmpty(spec, "hostNetwork", "hostPID", "hostIPC", "nodeName", "serviceAccountName", "serviceAccount");
        account(spec);
        for (String kind : CONTAINERS) {
            Fill.objects(spec.path(kind)).forEach(PodDefaults::container);
        }
        Fill.objects(spec.path("volumes")).forEach(VolumeDefaults::volume);
        ResourceDefaults.canonical(spec.path("overhead"));
    }

    /** The account has an old name beside the new one, and the new one counts. */
    private static void account(ObjectNode spec) {
        String account = spec.path("serviceAccountName").asText("");
        if (account.isEmpty()) {
            account = spec.path("serviceAccount").asText("");
        }
        if (!account.isEmpty()) {
            spec.put("serviceAccountName", account);
            spec.put("serviceAccount", account);
        }
    }

    private static void container(ObjectNode container) {
        Fill.text(
                container, "imagePullPolicy", pullPolicy(container.path("image").asText("")));
        Fill.text(container, "terminationMessagePath", "/dev/termination-log");
        Fill.text(container, "terminationMessagePolicy", "File");
        Fill.dropEmpty(container, "stdin", "stdinOnce", "tty");
        Fill.object(container, "resources");
        ResourceDefaults.ofContainer(container);
        for (ObjectNode port : Fill.objects(container.path("ports"))) {
            Fill.text(port, "protocol", "TCP");
            Fill.dropEmpty(port, "hostPort");
        }
        for (ObjectNode variable : Fill.objects(container.path("env"))) {
            fieldReference(variable.path("valueFrom").path("fieldRef"));
        }
        for (ObjectNode mount : Fill.objects(container.path("volumeMounts"))) {
            Fill.dropEmpty(mount, "readOnly");
        }
        for (String name : PROBES) {
            if (container.path(name) instanceof ObjectNode probe) {
                probe(probe);
            }
        }
        for (String when : List.of("postStart", "preStop")) {
            handler(container.path("lifecycle").path(when));
        }
    }

    static void fieldReference(JsonNode reference) {
        if (reference instanceof ObjectNode object) {
            Fill.text(object, "apiVersion", "v1");
        }
    }

    private static void probe(ObjectNode probe) {
        Fill.zero(probe, "timeoutSeconds", 1);
        Fill.zero(probe, "periodSeconds", 10);
        Fill.zero(probe, "successThreshold", 1);
        Fill.zero(probe, "failureThreshold", 3);
        Fill.dropEmpty(probe, "initialDelaySeconds");
        if (probe.path("grpc") instanceof ObjectNode grpc && !grpc.hasNonNull("service")) {
            grpc.put("service", "");
        }
        handler(probe);
    }

    private static void handler(JsonNode handler) {
        if (handler.path("httpGet") instanceof ObjectNode request) {
            Fill.text(request, "path", "/");
            Fill.text(request, "scheme", "HTTP");
        }
    }

    private static void exposeOnHost(ObjectNode container) {
        for (ObjectNode port : Fill.objects(container.path("ports"))) {
            Fill.zero(port, "hostPort", port.path("containerPort").asLong());
        }
    }

    /** Images whose tag moves are pulled again and again; those that name a version, or a digest, once. */
    static String pullPolicy(String image) {
        int digest = image.indexOf('@');
        String named = digest < 0 ? image : image.substring(0, digest);
        int colon = named.lastIndexOf(':');
        boolean tagged = colon > named.lastIndexOf('/');
        boolean latest = tagged ? named.substring(colon + 1).equals("latest") : digest < 0 && !named.isBlank();
        return latest ? "Always" : "IfNotPresent";
    }
}
