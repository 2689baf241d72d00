package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Profiles of AppArmor as they were written before there was a field for them: in an annotation of the pod for each
 * container ({@code container.apparmor.security.beta.kubernetes.io/main: localhost/mine}). Nodes look at the field
 * only, so that it is filled in for new pods.
 */
public final class AppArmorAnnotations {
    static final String PREFIX = "container.apparmor.security.beta.kubernetes.io/";

    private static final String ADVICE = ": deprecated since v1.30; use the \"appArmorProfile\" field instead";
    private static final String UNCONFINED = "unconfined";
    private static final String BY_DEFAULT = "runtime/default";
    private static final String LOCAL = "localhost/";
    private static final String PROFILE = "appArmorProfile";
    private static final String FILE = "localhostProfile";
    private static final String SECURITY = "securityContext";

    private AppArmorAnnotations() {}

    /**
     * Gives the containers of a new pod the profiles that its annotations name, where they have none of their own.
     *
     * @param pod to be changed
     * @param warnings receives a text for each annotation that was needed, and for each that cannot be made a field
     */
    public static void intoFields(ObjectNode pod, List<String> warnings) {
        JsonNode spec = pod.path("spec");
        if (isForWindows(spec)) {
            return;
        }
        JsonNode ofPod = spec.path(SECURITY).path(PROFILE);
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (ObjectNode container : Fill.objects(spec.path(kind))) {
                String key = PREFIX + container.path("name").asText("");
                String annotation = ObjectMeta.annotation(pod, key);
                if (annotation == null || container.path(SECURITY).hasNonNull(PROFILE)) {
                    continue;
                }
                ObjectNode profile = profile(annotation);
                // What the whole pod has already needs no repeating.
                if (profile == null || !profile.equals(ofPod)) {
                    if (profile != null) {
                        Fill.object(container, SECURITY).set(PROFILE, profile);
                    }
                    warnings.add(warning("", key));
                }
            }
        }
    }

    /** What is said of an annotation, of a pod ({@code path} is empty) or of a template ({@code spec.template.}). */
    static String warning(String path, String key) {
        return path + "metadata.annotations[" + key + "]" + ADVICE;
    }

    /** What an annotation means; null if it means nothing, or nothing that could stand in the field. */
    private static @Nullable ObjectNode profile(String annotation) {
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        if (annotation.equals(UNCONFINED)) {
            profile.put("type", "Unconfined");
        } else if (annotation.equals(BY_DEFAULT)) {
            profile.put("type", "RuntimeDefault");
        } else if (annotation.startsWith(LOCAL)) {
            profile.put("type", "Localhost").put(FILE, annotation.substring(LOCAL.length()));
        } else {
            return null;
        }
        FieldErrors errors = new FieldErrors();
        SecurityRules.appArmor(Place.of(profile, errors));
        return errors.isEmpty() ? profile : null;
    }

    /** Complains about containers whose annotation says something else than their field, or that of their pod. */
    static void mustMatch(Place annotations, Place spec) {
        if (isForWindows(spec.value())) {
            return;
        }
        for (Place container : SecurityRules.containers(spec)) {
            Place annotation = annotations.at(PREFIX + container.at("name").text());
            Place own = container.at(SECURITY, PROFILE);
            Place counts = own.present() ? own : spec.at(SECURITY, PROFILE).as(own.path());
            if (annotation.present() && counts.present()) {
                mustBe(counts, annotation.text());
            }
        }
    }

    private static void mustBe(Place profile, String annotation) {
        boolean same = switch (profile.at("type").text()) {
            case "Unconfined" -> annotation.equals(UNCONFINED);
            case "RuntimeDefault" -> annotation.equals(BY_DEFAULT);
            case "Localhost" -> annotation.startsWith(LOCAL);
            default -> true;
        };
        if (!same) {
            profile.errors()
                    .forbidden(profile.path().child("type"), "apparmor type in annotation and field must match");
        } else if (profile.at("type").is("Localhost") && !profile.at(FILE).is(annotation.substring(LOCAL.length()))) {
            profile.errors()
                    .forbidden(profile.path().child(FILE), "apparmor profile in annotation and field must match");
        }
    }

    private static boolean isForWindows(JsonNode spec) {
        return spec.path("os").path("name").asText("").equals("windows");
    }
}
