package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.regex.Pattern;

/** What is wrong with annotations that mean something for pods. */
final class PodAnnotationRules {
    static final String MIRROR = "kubernetes.io/config.mirror";

    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final Pattern COST = Pattern.compile("0|-?[1-9][0-9]{0,9}");

    private PodAnnotationRules() {}

    static void validate(Place annotations, Place spec) {
        Place mirror = annotation(annotations, MIRROR);
        if (mirror.present() && spec.at("nodeName").empty()) {
            mirror.invalid("must set spec.nodeName if mirror pod annotation is set");
        }
        Place cost = annotation(annotations, DELETION_COST);
        if (cost.present() && !isCost(cost.text())) {
            cost.invalid("must be a 32bit integer");
        }
        SeccompAnnotations.validate(annotations);
        for (Place annotation : annotations.entries()) {
            if (annotation.key().startsWith(AppArmorAnnotations.PREFIX)) {
                appArmor(annotation, spec);
            }
        }
    }

    /** Looks for annotations that say something else than the fields that they have become. */
    static void mustMatchFields(Place annotations, Place spec) {
        SeccompAnnotations.mustMatch(annotations, spec);
        AppArmorAnnotations.mustMatch(annotations, spec);
    }

    /** Some annotations are for ever. */
    static void validateUpdate(Place annotations, JsonNode before) {
        before.properties().forEach(entry -> {
            Place now = annotation(annotations, entry.getKey());
            if (now.absent() || !now.is(entry.getValue().asText())) {
                if (entry.getKey().startsWith(AppArmorAnnotations.PREFIX)) {
                    now.forbidden("may not remove or update AppArmor annotations");
                } else if (entry.getKey().equals(MIRROR)) {
                    now.forbidden("may not remove or update mirror pod annotation");
                }
            }
        });
        for (Place annotation : annotations.entries()) {
            if (!before.has(annotation.key())) {
                if (annotation.key().startsWith(AppArmorAnnotations.PREFIX)) {
                    annotation.forbidden("may not add AppArmor annotations");
                } else if (annotation.key().equals(MIRROR)) {
                    annotation.forbidden("may not add mirror pod annotation");
                }
            }
        }
    }

    private static Place annotation(Place annotations, String name) {
        return annotations.at(name).as(annotations.path().key(name));
    }

    private static void appArmor(Place annotation, Place spec) {
        String container = annotation.key().substring(AppArmorAnnotations.PREFIX.length());
        boolean known = SecurityRules.containers(spec).stream()
                .anyMatch(candidate -> candidate.at("name").is(container));
        if (!known) {
            annotation.invalid(container, "container not found");
        }
        String profile = annotation.text();
        if (!profile.isEmpty()
                && !profile.equals("runtime/default")
                && !profile.equals("unconfined")
                && !profile.startsWith("localhost/")) {
            annotation.invalid("invalid AppArmor profile name: \"" + profile + "\"");
        }
    }

    private static boolean isCost(String text) {
        return COST.matcher(text).matches()
                && Long.parseLong(text) >= Integer.MIN_VALUE
                && Long.parseLong(text) <= Integer.MAX_VALUE;
    }
}
