package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;

/**
 * What is wrong with profiles of seccomp in annotations, where they stood before there was a field for them. Nobody
 * looks at them any more, but what is written there has to be a profile, and the same as in the field.
 */
final class SeccompAnnotations {
    private static final String OF_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String OF_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
    private static final String BY_DEFAULT = "runtime/default";
    private static final String OLD_DEFAULT = "docker/default";
    private static final String UNCONFINED = "unconfined";
    private static final String LOCAL = "localhost/";

    private SeccompAnnotations() {}

    static void validate(Place annotations) {
        for (Place annotation : annotations.entries()) {
            if (annotation.key().equals(OF_POD) || annotation.key().startsWith(OF_CONTAINER)) {
                // Here the original writes the name as that of a field.
                profile(annotation.as(annotations.path().child(annotation.key())));
            }
        }
    }

    private static void profile(Place annotation) {
        switch (annotation.text()) {
            case BY_DEFAULT, OLD_DEFAULT, UNCONFINED -> {}
            default -> {
                if (annotation.text().startsWith(LOCAL)) {
                    String path = annotation.text().substring(LOCAL.length());
                    PathRules.descending(annotation.with(TextNode.valueOf(path)));
                } else {
                    annotation.invalid("must be a valid seccomp profile");
                }
            }
        }
    }

    /** Complains about annotations that say something else than the field of the pod or of the container. */
    static void mustMatch(Place annotations, Place spec) {
        mustBe(spec.at("securityContext", "seccompProfile"), annotations.at(OF_POD));
        for (Place container : SecurityRules.containers(spec)) {
            mustBe(
                    container.at("securityContext", "seccompProfile"),
                    annotations.at(OF_CONTAINER + container.at("name").text()));
        }
    }

    private static void mustBe(Place profile, Place annotation) {
        if (annotation.absent() || profile.absent()) {
            return;
        }
        String text = annotation.text();
        FieldPath path = profile.path();
        boolean same = switch (profile.at("type").text()) {
            case "Unconfined" -> text.equals(UNCONFINED);
            case "RuntimeDefault" -> text.equals(BY_DEFAULT) || text.equals(OLD_DEFAULT);
            case "Localhost" -> text.startsWith(LOCAL);
            default -> true;
        };
        if (!same) {
            profile.errors().forbidden(path.child("type"), "seccomp type in annotation and field must match");
        } else if (profile.at("type").is("Localhost")
                && !profile.at("localhostProfile").is(text.substring(LOCAL.length()))) {
            profile.errors()
                    .forbidden(path.child("localhostProfile"), "seccomp profile in annotation and field must match");
        }
    }
}
