package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.Names;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is allowed in a pod and hardly meant: said to the client, and done all the same. */
public final class PodWarnings {
    private static final String SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/";
    private static final String SECCOMP_ADVICE = ": non-functional in v1.27+; use the \"seccompProfile\" field instead";
    private static final String NO_PODS = ": a null labelSelector results in matching no pod";
    private static final List<String> BYTES = List.of("memory", "ephemeral-storage");
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

    /** In the order in which they are told of. */
    private static final Map<String, String> OLD_ANNOTATIONS = new LinkedHashMap<>();

    static {
        OLD_ANNOTATIONS.put(
                "scheduler.alpha.kubernetes.io/critical-pod",
                "non-functional in v1.16+; use the \"priorityClassName\" field instead");
        OLD_ANNOTATIONS.put(
                "security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead");
        OLD_ANNOTATIONS.put(
                "security.alpha.kubernetes.io/unsafe-sysctls",
                "non-functional in v1.11+; use the \"sysctls\" field instead");
    }

    private final JsonNode object;
    private final JsonNode spec;
    /** In front of {@code spec} and {@code metadata}: empty, or a path with a dot at its end. */
    private final String path;

    private final List<String> warnings;

    private PodWarnings(JsonNode object, String path, List<String> warnings) {
        this.object = object;
        this.spec = object.path("spec");
        this.path = path;
        this.warnings = warnings;
    }

    /** Of a pod. */
    public static void tell(JsonNode pod, List<String> warnings) {
        String name = pod.path("metadata").path("name").asText("");
        List<String> wrong = Names.dnsLabel(name);
        if (!name.isEmpty() && !wrong.isEmpty()) {
            warnings.add("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a"
                    + " DNS label is recommended: [" + String.join(" ", wrong) + "]");
        }
        new PodWarnings(pod, "", warnings).tell();
    }

    /** Of a template. */
    public static void tellOfTemplate(JsonNode template, String path, List<String> warnings) {
        new PodWarnings(template, path + ".", warnings).tell();
    }

    /** Of the template in {@code spec.template}, if the object is new or has changed. */
    public static void tellOfWorkload(ObjectNode object, @Nullable ObjectNode old, List<String> warnings) {
        if (isOther(object, old)) {
            tellOfTemplate(object.path("spec").path("template"), "spec.template", warnings);
        }
    }

    /** Whether an object is new, or wants something else than before. */
    public static boolean isOther(ObjectNode object, @Nullable ObjectNode old) {
        return old == null || ObjectMeta.generation(object) != ObjectMeta.generation(old);
    }

    /** Of the name of a new object after which pods are named. */
    public static void tellOfName(ObjectNode object, @Nullable ObjectNode old, List<String> warnings) {
        List<String> wrong = Names.dnsLabel(ObjectMeta.name(object));
        if (old == null && !wrong.isEmpty()) {
            warnings.add(
                    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a"
                            + " DNS label is recommended: [" + String.join(" ", wrong) + "]");
        }
    }

    private void tell() {
        nodes();
        annotations();
        VolumeWarnings.tellOfVolumes(spec.path("volumes"), path + "spec.volumes", warnings);
        aliasesAndSecrets();
        for (String name : BYTES) {
            AmountWarnings.tellOfFractions(spec.path("overhead"), name, path + "spec.overhead", warnings);
        }
        boolean profiled = spec.path("securityContext").hasNonNull("seccompProfile");
        if (!profiled && ObjectMeta.annotation(object, SECCOMP) != null) {
            warnings.add(annotation(SECCOMP) + SECCOMP_ADVICE);
        }
        containers(this::container);
        PortWarnings ports = new PortWarnings(warnings);
        containers(ports::container);
        if (spec.path("terminationGracePeriodSeconds").asLong() < 0) {
            warnings.add(
                    path + "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be"
                            + " treated as 1");
        }
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            JsonNode affinity = spec.path("affinity").path(kind);
            String here = path + "spec.affinity." + kind + ".";
            for (int i = 0; i < affinity.path(REQUIRED).size(); i++) {
                selector(affinity.path(REQUIRED).path(i), here + REQUIRED + "[" + i + "]");
            }
            for (int i = 0; i < affinity.path(PREFERRED).size(); i++) {
                selector(
                        affinity.path(PREFERRED).path(i).path("podAffinityTerm"),
                        here + PREFERRED + "[" + i + "].podAffinityTerm");
            }
        }
    }

    private void selector(JsonNode term, String at) {
        if (!term.hasNonNull("labelSelector")) {
            warnings.add(at + ".labelSelector" + NO_PODS);
        }
    }

    private void nodes() {
        spec.path("nodeSelector").fieldNames().forEachRemaining(label -> {
            String advice = OldNodeLabels.advice(label);
            if (advice != null) {
                warnings.add(path + "spec.nodeSelector[" + label + "]: " + advice);
            }
        });
        JsonNode affinity = spec.path("affinity").path("nodeAffinity");
        String here = path + "spec.affinity.nodeAffinity.";
        JsonNode terms = affinity.path(REQUIRED).path("nodeSelectorTerms");
        for (int i = 0; i < terms.size(); i++) {
            OldNodeLabels.tellOfExpressions(
                    terms.path(i).path("matchExpressions"),
                    here + REQUIRED + ".nodeSelectorTerms[" + i + "].matchExpressions",
                    warnings);
        }
        for (int i = 0; i < affinity.path(PREFERRED).size(); i++) {
            OldNodeLabels.tellOfExpressions(
                    affinity.path(PREFERRED).path(i).path("preference").path("matchExpressions"),
                    here + PREFERRED + "[" + i + "].preference.matchExpressions",
                    warnings);
        }
        JsonNode spread = spec.path("topologySpreadConstraints");
        for (int i = 0; i < spread.size(); i++) {
            String at = path + "spec.topologySpreadConstraints[" + i + "]";
            OldNodeLabels.tellOfKey(spread.path(i).path("topologyKey").asText(""), at + ".topologyKey", warnings);
            selector(spread.path(i), at);
        }
    }

    private String annotation(String name) {
        return path + "metadata.annotations[" + name + "]";
    }

    private void annotations() {
        OLD_ANNOTATIONS.forEach((name, advice) -> {
            if (ObjectMeta.annotation(object, name) != null) {
                warnings.add(annotation(name) + ": " + advice);
            }
        });
    }

    private void aliasesAndSecrets() {
        repeated("hostAliases", "ip");
        repeated("imagePullSecrets", "name");
        JsonNode secrets = spec.path("imagePullSecrets");
        for (int i = 0; i < secrets.size(); i++) {
            if (secrets.path(i).path("name").asText("").isEmpty()) {
                warnings.add(path + "spec.imagePullSecrets[" + i + "].name: invalid empty name \"\"");
            }
        }
    }

    private void repeated(String list, String field) {
        Set<String> known = new HashSet<>();
        JsonNode items = spec.path(list);
        for (int i = 0; i < items.size(); i++) {
            String value = items.path(i).path(field).asText("");
            if (!known.add(value)) {
                warnings.add(path + "spec." + list + "[" + i + "]." + field + ": duplicate " + field + " "
                        + GoText.quoted(value));
            }
        }
    }

    /** Is shown the containers of a pod, with where they stand. */
    private interface Look {
        void at(JsonNode container, String where);
    }

    private void containers(Look look) {
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                look.at(spec.path(list).path(i), path + "spec." + list + "[" + i + "]");
            }
        }
    }

    private void container(JsonNode container, String where) {
        String name = container.path("name").asText("");
        JsonNode security = container.path("securityContext");
        if (!security.hasNonNull("seccompProfile") && ObjectMeta.annotation(object, SECCOMP_OF + name) != null) {
            warnings.add(annotation(SECCOMP_OF + name) + SECCOMP_ADVICE);
        }
        if (isTemplate()) {
            appArmor(name, security);
        }
        AmountWarnings.tellOfResources(container.path("resources"), BYTES, where + ".resources", warnings);
        hiddenVariables(container.path("env"), where + ".env");
    }

    /** For pods themselves this is told where the annotation becomes a field. */
    private boolean isTemplate() {
        return !path.isEmpty();
    }

    private void appArmor(String container, JsonNode security) {
        boolean confined = security.hasNonNull("appArmorProfile")
                || spec.path("securityContext").hasNonNull("appArmorProfile");
        String key = AppArmorAnnotations.PREFIX + container;
        if (!confined && ObjectMeta.annotation(object, key) != null) {
            warnings.add(AppArmorAnnotations.warning(path, key));
        }
    }

    private void hiddenVariables(JsonNode variables, String where) {
        Set<String> known = new HashSet<>();
        for (int i = 0; i < variables.size(); i++) {
            JsonNode variable = variables.path(i);
            String name = variable.path("name").asText("");
            String value = variable.path("value").asText("");
            String itself = "$(" + name + ")";
            boolean builtOnIt = !variable.hasNonNull("valueFrom") && value.contains(itself) && !value.equals(itself);
            if (!known.add(name) && !builtOnIt) {
                warnings.add(where + "[" + i + "]: hides previous definition of " + GoText.quoted(name)
                        + ", which may be dropped when using apply");
            }
        }
    }
}
