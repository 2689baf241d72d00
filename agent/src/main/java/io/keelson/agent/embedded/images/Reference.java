package io.keelson.agent.embedded.images;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image: which registry, which repository there, and which of its images.
 *
 * @param host with the port if it has one, as {@code docker.io}, {@code localhost:5000}
 * @param path as {@code library/busybox}
 * @param tag as {@code 1.36}; absent only if there is a digest
 * @param digest of the manifest, or of the index of all platforms
 */
public record Reference(String host, String path, Optional<String> tag, Optional<Digest> digest) {
    private static final int NAME_MAX = 255;
    private static final int TEXT_MAX = NAME_MAX + 128 + 80;
    private static final String DEFAULT_HOST = "docker.io";
    private static final String DEFAULT_TAG = "latest";
    private static final Pattern HOST = Pattern.compile(
            "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*+)(?:\\.[a-zA-Z0-9][a-zA-Z0-9-]*+)*+|\\[[0-9a-fA-F:]++])(?::[0-9]{1,5})?");
    private static final Pattern PART = Pattern.compile("[a-z0-9]++(?:(?:[._]|__|-++)[a-z0-9]++)*+");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /**
     * Reads a name as people write it: without a host it is Docker's, without tag and digest, {@code latest}.
     *
     * @throws ImageProblem {@code INVALID}
     */
    public static Reference parse(String text) throws ImageProblem {
        if (text.isEmpty() || text.length() > TEXT_MAX) {
            throw invalid(text, text.isEmpty() ? "it is empty" : "it is longer than " + TEXT_MAX);
        }
        String name = text;
        Optional<Digest> digest = Optional.empty();
        int at = name.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(name.substring(at + 1)));
            name = name.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf('/')) {
            tag = Optional.of(name.substring(colon + 1));
            name = name.substring(0, colon);
            if (!TAG.matcher(tag.get()).matches()) {
                throw invalid(text, "a tag is made of letters, digits, '_', '.', '-', at most 128");
            }
        }
        if (name.length() == 64 && Digest.isHex(name)) {
            throw invalid(text, "64 hexadecimal digits are an image's id, not a name");
        }
        String host = DEFAULT_HOST;
        String path = name;
        int slash = name.indexOf('/');
        if (slash > 0 && isHost(name.substring(0, slash))) {
            host = name.substring(0, slash);
            path = name.substring(slash + 1);
            if (host.equals("index.docker.io")) {
                host = DEFAULT_HOST;
            }
        }
        if (host.equals(DEFAULT_HOST) && path.indexOf('/') < 0) {
            path = "library/" + path;
        }
        check(text, host, path);
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of(DEFAULT_TAG);
        }
        return new Reference(host, path, tag, digest);
    }

    private static boolean isHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || first.chars().anyMatch(Character::isUpperCase);
    }

    private static void check(String text, String host, String path) throws ImageProblem {
        if (!HOST.matcher(host).matches()) {
            throw invalid(text, "\"" + host + "\" is no host");
        }
        if (host.length() + 1 + path.length() > NAME_MAX) {
            throw invalid(text, "repository name must not be more than " + NAME_MAX + " characters");
        }
        for (String part : path.split("/", -1)) {
            if (!PART.matcher(part).matches()) {
                throw invalid(
                        text,
                        path.chars().anyMatch(Character::isUpperCase)
                                ? "repository name must be lowercase"
                                : "\"" + part + "\" is no part of a repository's name");
            }
        }
    }

    private static ImageProblem invalid(String text, String why) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return new ImageProblem(ImageProblem.Kind.INVALID, "invalid reference format: \"" + shown + "\": " + why);
    }

    /** Host and path. */
    public String repository() {
        return host + "/" + path;
    }

    /** What it is asked for at its registry: the digest if there is one, else the tag. */
    public String version() {
        return digest.map(Digest::toString).or(() -> tag).orElse(DEFAULT_TAG);
    }

    /** The same repository's image of a digest, without a tag. */
    public Reference at(Digest other) {
        return new Reference(host, path, Optional.empty(), Optional.of(other));
    }

    /** The name in full. */
    @Override
    public String toString() {
        return repository()
                + tag.map(each -> ":" + each).orElse("")
                + digest.map(each -> "@" + each).orElse("");
    }
}
