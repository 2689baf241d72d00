package io.keelson.apiserver.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What holds where a namespace says nothing, and who is exempt: a {@code PodSecurityConfiguration}. */
public final class PodSecurityConfiguration {
    /** Nothing is forbidden where a namespace says nothing, and nobody is exempt. */
    public static final PodSecurityConfiguration DEFAULT =
            new PodSecurityConfiguration(Policy.PRIVILEGED, Exemptions.NONE);

    private static final String GROUP = "pod-security.admission.config.k8s.io/";
    private static final Set<String> VERSIONS = Set.of(GROUP + "v1", GROUP + "v1beta1", GROUP + "v1alpha1");
    private static final Set<String> FIELDS = Set.of("apiVersion", "kind", "defaults", "exemptions");
    private static final Set<String> DEFAULTS =
            Set.of("enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version");
    private static final Set<String> EXEMPTIONS = Set.of("usernames", "namespaces", "runtimeClasses");

    private final Policy defaults;
    private final Exemptions exemptions;

    PodSecurityConfiguration(Policy defaults, Exemptions exemptions) {
        this.defaults = defaults;
        this.exemptions = exemptions;
    }

    /**
     * Reads a configuration.
     *
     * @throws IllegalArgumentException saying all that is wrong with it
     */
    public static PodSecurityConfiguration parse(JsonNode configuration) {
        if (!VERSIONS.contains(configuration.path("apiVersion").asText(""))
                || !configuration.path("kind").asText("").equals("PodSecurityConfiguration")) {
            throw new IllegalArgumentException("not a PodSecurityConfiguration of " + GROUP + "v1");
        }
        List<String> wrong = new ArrayList<>();
        refuseUnknown(configuration, FIELDS, "", wrong);
        Policy defaults = defaults(configuration.path("defaults"), wrong);
        JsonNode exempt = configuration.path("exemptions");
        refuseUnknown(exempt, EXEMPTIONS, "exemptions.", wrong);
        Exemptions exemptions = new Exemptions(
                names(exempt, "usernames", wrong),
                names(exempt, "namespaces", wrong),
                names(exempt, "runtimeClasses", wrong));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", wrong));
        }
        return new PodSecurityConfiguration(defaults, exemptions);
    }

    private static void refuseUnknown(JsonNode object, Set<String> known, String path, List<String> wrong) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!known.contains(field.getKey())) {
                wrong.add("unknown field \"" + path + field.getKey() + "\"");
            }
        }
    }

    private static Policy defaults(JsonNode defaults, List<String> wrong) {
        refuseUnknown(defaults, DEFAULTS, "defaults.", wrong);
        Map<String, String> labels = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : defaults.properties()) {
            labels.put(Policy.PREFIX + field.getKey(), field.getValue().asText(""));
        }
        List<FieldError> errors = new ArrayList<>();
        Policy policy = Policy.of(labels, Policy.PRIVILEGED, errors);
        String label = "metadata.labels[" + Policy.PREFIX;
        for (FieldError error : errors) {
            String field = error.field().substring(label.length(), error.field().length() - 1);
            wrong.add("defaults." + field + ": " + error.body());
        }
        return policy;
    }

    private static Set<String> names(JsonNode exemptions, String list, List<String> wrong) {
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode name : exemptions.path(list)) {
            if (name.asText("").isEmpty()) {
                wrong.add("exemptions." + list + ": names must not be empty");
            } else if (!names.add(name.asText(""))) {
                wrong.add("exemptions." + list + ": Duplicate value: \"" + name.asText("") + "\"");
            }
        }
        return names;
    }

    Policy defaults() {
        return defaults;
    }

    Exemptions exemptions() {
        return exemptions;
    }

    @Override
    public String toString() {
        return List.of(defaults, exemptions).stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
