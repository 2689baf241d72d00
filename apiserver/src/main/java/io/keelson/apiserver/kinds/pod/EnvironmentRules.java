package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What is wrong with environment variables, and with what of a pod is told to its containers. */
final class EnvironmentRules {
    private static final List<String> FIELDS = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final List<String> RESOURCES = List.of(
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory");
    private static final List<String> SOURCES =
            List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");
    private static final Set<String> CPU_DIVISORS = Set.of("1m", "1");
    private static final Set<String> BYTE_DIVISORS =
            Set.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

    private EnvironmentRules() {}

    static void variables(Place variables, PodContext pod) {
        for (Place variable : variables.items()) {
            variable.at("name").requireAndCheck(Names::environmentName);
            valueFrom(variable, pod);
        }
    }

    static void sources(Place sources) {
        for (Place source : sources.items()) {
            source.at("prefix").checkIfFilled(Names::environmentName);
            int count = 0;
            for (String kind : List.of("configMapRef", "secretRef")) {
                if (source.at(kind).present()) {
                    count++;
                    source.at(kind, "name").requireAndCheck(Names::dnsSubdomain);
                }
            }
            if (count == 0) {
                sources.invalid("", "must specify one of: `configMapRef` or `secretRef`");
            } else if (count > 1) {
                sources.invalid("", "may not have more than one field specified at a time");
            }
        }
    }

    private static void valueFrom(Place variable, PodContext pod) {
        Place from = variable.at("valueFrom");
        if (from.absent()) {
            return;
        }
        long count =
                SOURCES.stream().filter(source -> from.at(source).present()).count();
        if (from.at("fieldRef").present()) {
            field(from.at("fieldRef"), FIELDS);
        }
        if (from.at("resourceFieldRef").present()) {
            resource(from.at("resourceFieldRef"), false);
        }
        for (String kind : List.of("configMapKeyRef", "secretKeyRef")) {
            if (from.at(kind).present()) {
                from.at(kind, "name").check(Names::dnsSubdomain);
                from.at(kind, "key").requireAndCheck(Names::configKey);
            }
        }
        if (from.at("fileKeyRef").present()) {
            file(from.at("fileKeyRef"), pod);
        }
        if (count == 0) {
            from.invalid(
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or"
                            + " `fileKeyRef`");
        } else if (variable.at("value").filled()) {
            from.invalid("", "may not be specified when `value` is not empty");
        } else if (count > 1) {
            from.invalid("", "may not have more than one field specified at a time");
        }
    }

    private static void file(Place file, PodContext pod) {
        file.at("key").requireAndCheck(Names::environmentName);
        Place volume = file.at("volumeName");
        volume.requireAndCheck(Names::dnsLabel);
        if (volume.filled() && !pod.volumes().containsKey(volume.text())) {
            volume.notFound();
        }
        Place path = file.at("path");
        if (path.empty()) {
            path.required("");
        } else {
            PathRules.descending(path);
        }
    }

    /** A field of the pod; some can only stand in a volume. */
    static void field(Place reference, List<String> fields) {
        if (reference.at("apiVersion").empty()) {
            reference.at("apiVersion").required("");
            return;
        }
        Place path = reference.at("fieldPath");
        String text = path.text();
        if (text.isEmpty()) {
            path.required("");
            return;
        }
        if (!reference.at("apiVersion").is("v1")) {
            path.invalid("error converting fieldPath: unsupported pod version: "
                    + reference.at("apiVersion").text());
            return;
        }
        int bracket = text.indexOf("['");
        if (bracket > 0 && text.endsWith("']")) {
            String subscript = text.substring(bracket + 2, text.length() - 2);
            String map = text.substring(0, bracket);
            switch (map) {
                case "metadata.annotations" -> subscript(reference, subscript.toLowerCase(Locale.ROOT));
                case "metadata.labels" -> subscript(reference, subscript);
                default -> reference.invalid(map, "does not support subscript");
            }
            return;
        }
        if (!fields.contains(text)) {
            boolean known = FIELDS.contains(text)
                    || Set.of("metadata.annotations", "metadata.labels", "spec.restartPolicy", "status.phase")
                            .contains(text);
            if (known) {
                reference
                        .errors()
                        .notSupported(
                                path.path(), text, fields.stream().sorted().toList());
            } else {
                path.invalid("error converting fieldPath: field label not supported: " + text);
            }
        }
    }

    private static void subscript(Place reference, String key) {
        for (String wrong : Names.qualifiedName(key)) {
            reference.invalid(key, wrong);
        }
    }

    /** A resource of a container, of another one in a volume. */
    static void resource(Place reference, boolean volume) {
        Place resource = reference.at("resource");
        String name = resource.text();
        boolean hugePages = name.startsWith("requests.hugepages-") || name.startsWith("limits.hugepages-");
        if (volume && reference.at("containerName").empty()) {
            reference.at("containerName").required("");
        } else if (name.isEmpty()) {
            resource.required("");
        } else if (!RESOURCES.contains(name) && !hugePages) {
            resource.errors().notSupported(resource.path(), name, RESOURCES);
        }
        Quantity divisor = ObjectRules.quantity(reference.at("divisor"));
        if (divisor == null || divisor.isZero()) {
            return;
        }
        if (name.endsWith(".cpu")) {
            if (!CPU_DIVISORS.contains(divisor.toString())) {
                reference
                        .at("divisor")
                        .invalid(name, "only divisor's values 1m and 1 are supported with the cpu resource");
            }
        } else if (!BYTE_DIVISORS.contains(divisor.toString())) {
            String what = hugePages ? "hugepages" : name.endsWith(".memory") ? "memory" : "local ephemeral storage";
            if (hugePages || RESOURCES.contains(name)) {
                reference
                        .at("divisor")
                        .invalid(
                                name,
                                "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are"
                                        + " supported with the " + what + " resource");
            }
        }
    }
}
