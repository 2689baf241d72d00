package io.keelson.agent.embedded.images;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an image runs on.
 *
 * @param os as {@code linux}
 * @param architecture in Go's words, as {@code amd64}, {@code arm64}
 * @param variant as {@code v7} of {@code arm}; empty where there is none, or the usual one
 */
public record Platform(String os, String architecture, String variant) {
    /** With the usual words of both. */
    public Platform {
        os = os.toLowerCase(Locale.ROOT);
        architecture = switch (architecture.toLowerCase(Locale.ROOT)) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            case "i386", "i686" -> "386";
            case "armhf" -> "arm";
            default -> architecture.toLowerCase(Locale.ROOT);
        };
        variant = switch (architecture + "/" + variant.toLowerCase(Locale.ROOT)) {
            case "arm64/8", "arm64/v8", "amd64/v1" -> "";
            case "arm/" -> "v7";
            case "arm/5", "arm/6", "arm/7", "arm/8" -> "v" + variant;
            default -> variant.toLowerCase(Locale.ROOT);
        };
    }

    /**
     * Reads {@code os/architecture} or {@code os/architecture/variant}.
     *
     * @throws ImageProblem {@code INVALID}
     */
    public static Platform parse(String text) throws ImageProblem {
        String[] parts = text.split("/", -1);
        boolean usable = parts.length == 2 || parts.length == 3;
        for (String part : parts) {
            usable &= !part.isEmpty() && part.length() <= 32 && part.chars().allMatch(Platform::isWord);
        }
        if (!usable) {
            throw new ImageProblem(
                    ImageProblem.Kind.INVALID,
                    "invalid platform \"" + text + "\": OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT is expected, as"
                            + " linux/arm64");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    private static boolean isWord(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || c == '.'
                || c == '-';
    }

    /** That of this machine. */
    public static Platform ofThisMachine() {
        return new Platform("linux", System.getProperty("os.arch", "amd64"), "");
    }

    /** The platforms whose images run on this one, the best first. */
    List<Platform> accepted() {
        List<Platform> accepted = new ArrayList<>();
        accepted.add(this);
        switch (architecture) {
            case "amd64" -> {
                int level = variant.startsWith("v") && variant.length() == 2 ? variant.charAt(1) - '0' : 1;
                for (int lower = level - 1; lower >= 1; lower--) {
                    accepted.add(new Platform(os, architecture, "v" + lower));
                }
                accepted.add(new Platform(os, "386", ""));
            }
            case "arm64" -> {
                if (!variant.isEmpty()) {
                    accepted.add(new Platform(os, architecture, ""));
                }
                for (int lower = 8; lower >= 5; lower--) {
                    accepted.add(new Platform(os, "arm", "v" + lower));
                }
            }
            case "arm" -> {
                for (int lower = variant.charAt(variant.length() - 1) - '0' - 1; lower >= 5; lower--) {
                    accepted.add(new Platform(os, architecture, "v" + lower));
                }
            }
            default -> {
                if (!variant.isEmpty()) {
                    accepted.add(new Platform(os, architecture, ""));
                }
            }
        }
        return accepted;
    }

    /** As it is written. */
    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
