package io.keelson.kvstore.membership;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A version of etcd: major.minor.patch. */
public record Version(int major, int minor, int patch) implements Comparable<Version> {
    /** The version of etcd whose behaviour this server has, and which clients are told. */
    public static final Version ETCD = new Version(3, 6, 5);

    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?(?:[-+].*)?");

    /** Reads {@code 3.6.1} or {@code 3.6}; null if the text is neither. */
    public static @Nullable Version parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String patch = matcher.group(3);
        return new Version(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch));
    }

    /** The version of a cluster whose oldest member has this version. */
    public Version ofCluster() {
        return new Version(major, minor, 0);
    }

    /** The only version to which a cluster of this version can go back. */
    public Version downgradeTarget() {
        return new Version(major, minor - 1, 0);
    }

    /** As etcd names the version of a cluster in answers: {@code 3.6}. */
    public String majorMinor() {
        return major + "." + minor;
    }

    @Override
    public int compareTo(Version other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : minor != other.minor ? Integer.compare(minor, other.minor) : Integer.compare(patch, other.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
