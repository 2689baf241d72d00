package io.keelson.agent.embedded.images;

import io.keelson.agent.image.ImageName;
import java.util.Optional;

/**
 * The name of an image that is here, or can be had: an image's name whose digest, if it has one, is of the only sort that
 * is kept here.
 *
 * @param name with all that was left out
 * @param digest of the manifest, or of the index of all platforms
 */
public record Reference(ImageName name, Optional<Digest> digest) {
    /**
     * Reads a name as people write it: without a host it is Docker's, without tag and digest, {@code latest}.
     *
     * @throws ImageProblem {@code INVALID}
     */
    public static Reference parse(String text) throws ImageProblem {
        ImageName name;
        try {
            name = ImageName.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ImageProblem(ImageProblem.Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
        return new Reference(
                name, name.digest().isEmpty() ? Optional.empty() : Optional.of(Digest.parse(name.digest())));
    }

    /** With the port if it has one, as {@code docker.io}, {@code localhost:5000}. */
    public String host() {
        return name.registry();
    }

    /** As {@code library/busybox}. */
    public String path() {
        return name.path();
    }

    /** Host and path. */
    public String repository() {
        return name.repository();
    }

    /** What it is asked for at its registry: the digest if there is one, else the tag. */
    public String version() {
        return digest.map(Digest::toString).orElse(name.tag());
    }

    /** The same repository's image of a digest, without a tag. */
    public Reference at(Digest other) {
        return new Reference(new ImageName(name.registry(), name.path(), "", other.toString()), Optional.of(other));
    }

    /** The name in full. */
    @Override
    public String toString() {
        return name.qualified();
    }
}
