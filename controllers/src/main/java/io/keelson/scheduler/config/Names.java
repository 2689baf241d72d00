package io.keelson.scheduler.config;

import java.util.regex.Pattern;

/** The form of names that Kubernetes calls qualified: {@code example.com/name}, the part before the slash being optional. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int PREFIX_MAX = 253;

    private Names() {}

    static boolean isQualified(String text) {
        int slash = text.indexOf('/');
        String prefix = slash < 0 ? "" : text.substring(0, slash);
        return (slash < 0
                        || (prefix.length() <= PREFIX_MAX
                                && PREFIX.matcher(prefix).matches()))
                && NAME.matcher(text.substring(slash + 1)).matches();
    }

    /** Whether it is that of a resource that is none of Kubernetes' own. */
    static boolean isExtendedResource(String text) {
        return isQualified(text)
                && text.contains("/")
                && !text.contains("kubernetes.io/")
                && !text.startsWith("requests.");
    }
}
