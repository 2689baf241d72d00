package io.keelson.agent.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image, with all that is usually left out: {@code busybox} is {@code docker.io/library/busybox:latest}.
 * Pods, runtimes, registries and their credentials have the same grammar, and this is the only reader of it.
 *
 * @param registry host, and port if there is one
 * @param path below the registry
 * @param tag empty if there is only a digest
 * @param digest {@code sha256:…}; empty if there is none
 */
public record ImageName(String registry, String path, String tag, String digest) {
    /** What stands for the registry that is meant if none is named. */
    public static final String DEFAULT_REGISTRY = "docker.io";

    private static final String DEFAULT_TAG = "latest";
    private static final int NAME_LENGTH_MAX = 255;
    private static final int REFERENCE_LENGTH_MAX = 1024;
    private static final String LABEL = "[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+";
    private static final Pattern HOST =
            Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*+|\\[[a-fA-F0-9:]++])(?::[0-9]++)?");
    private static final Pattern PART = Pattern.compile("[a-z0-9]++(?:(?:\\.|__?+|-++)[a-z0-9]++)*+");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final Pattern DIGEST =
            Pattern.compile("([A-Za-z][A-Za-z0-9]*+(?:[-_+.][A-Za-z][A-Za-z0-9]*+)*+):([0-9a-fA-F]{32,})");
    private static final Pattern ID = Pattern.compile("[a-f0-9]{64}");

    /**
     * Reads a name as pods have it.
     *
     * @throws IllegalArgumentException if it is none, in the words of the kubelet
     */
    public static ImageName parse(String text) {
        if (text.isEmpty() || text.length() > REFERENCE_LENGTH_MAX) {
            throw invalid(text, "invalid reference format");
        }
        if (ID.matcher(text).matches()) {
            throw invalid(text, "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        int at = text.indexOf('@');
        String digest = at < 0 ? "" : text.substring(at + 1);
        String named = at < 0 ? text : text.substring(0, at);
        int slash = named.indexOf('/');
        String first = slash < 0 ? "" : named.substring(0, slash);
        boolean isHost = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String registry = isHost ? first : DEFAULT_REGISTRY;
        String rest = isHost ? named.substring(slash + 1) : named;
        int colon = rest.indexOf(':');
        String tag = colon < 0 ? "" : rest.substring(colon + 1);
        String path = colon < 0 ? rest : rest.substring(0, colon);
        if (registry.equals("index.docker.io")) {
            registry = DEFAULT_REGISTRY;
        }
        if (registry.equals(DEFAULT_REGISTRY) && !path.contains("/")) {
            path = "library/" + path;
        }
        if (!path.equals(path.toLowerCase(Locale.ROOT))) {
            throw invalid(text, "invalid reference format: repository name (" + path + ") must be lowercase");
        }
        if (!HOST.matcher(registry).matches()
                || (colon >= 0 && !TAG.matcher(tag).matches())) {
            throw invalid(text, "invalid reference format");
        }
        if (!isPath(path)) {
            throw invalid(text, "invalid reference format");
        }
        if (registry.length() + 1 + path.length() > NAME_LENGTH_MAX) {
            throw invalid(text, "repository name must not be more than 255 characters");
        }
        if (at >= 0) {
            checkDigest(text, digest);
        }
        return new ImageName(registry, path, tag.isEmpty() && digest.isEmpty() ? DEFAULT_TAG : tag, digest);
    }

    /** Whether a text could be the path of an image below its registry. */
    public static boolean isPath(String text) {
        return Arrays.stream(text.split("/", -1))
                .allMatch(part -> PART.matcher(part).matches());
    }

    private static void checkDigest(String text, String digest) {
        Matcher parts = DIGEST.matcher(digest);
        if (!parts.matches()) {
            throw invalid(text, "invalid reference format");
        }
        int length = switch (parts.group(1)) {
            case "sha256" -> 64;
            case "sha384" -> 96;
            case "sha512" -> 128;
            default -> throw invalid(text, "unsupported digest algorithm");
        };
        String hash = parts.group(2);
        if (hash.length() != length) {
            throw invalid(text, "invalid checksum digest length");
        }
        if (!hash.equals(hash.toLowerCase(Locale.ROOT))) {
            throw invalid(text, "invalid checksum digest format");
        }
    }

    private static IllegalArgumentException invalid(String text, String why) {
        String shown = text.length() > REFERENCE_LENGTH_MAX ? text.substring(0, REFERENCE_LENGTH_MAX) + "…" : text;
        return new IllegalArgumentException("couldn't parse image name \"" + shown + "\": " + why);
    }

    /** Registry and path: what credentials are looked up by. */
    public String repository() {
        return registry + "/" + path;
    }

    /** All of it: {@code docker.io/library/busybox:latest}. */
    public String qualified() {
        return repository() + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }

    /**
     * A name as runtimes are given it: with the tag that is meant, but no registry added, since runtimes have their own
     * idea of the default one.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static String tagged(String text) {
        ImageName name = parse(text);
        return name.digest.isEmpty() && !text.endsWith(":" + name.tag) ? text + ":" + name.tag : text;
    }
}
