package io.keelson.agent.image;

import io.keelson.controllers.objects.OrEmpty;
import org.jspecify.annotations.Nullable;

/** When an image is pulled. */
public enum PullPolicy {
    /** Whenever a container starts, so that a tag which moved is followed, and the pod's credentials are checked. */
    ALWAYS,
    /** Only if it is not there. */
    IF_NOT_PRESENT,
    /** Never; it has to be there. */
    NEVER;

    /**
     * What a pod says, or what is meant if it says nothing: always for the tag {@code latest}, which moves; else if it
     * is not there.
     *
     * @throws IllegalArgumentException if it says something else, or the image's name is none
     */
    public static PullPolicy of(@Nullable String policy, String image) {
        return switch (OrEmpty.of(policy)) {
            case "Always" -> ALWAYS;
            case "IfNotPresent" -> IF_NOT_PRESENT;
            case "Never" -> NEVER;
            case "" -> ImageName.parse(image).tag().equals("latest") ? ALWAYS : IF_NOT_PRESENT;
            default -> throw new IllegalArgumentException("no such imagePullPolicy: \"" + policy + '"');
        };
    }
}
