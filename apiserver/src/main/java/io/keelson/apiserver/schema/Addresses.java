package io.keelson.apiserver.schema;

/** Addresses of networks, as text. Leading zeros are taken, as they always were. */
final class Addresses {
    private static final int GROUPS = 8;

    private Addresses() {}

    static boolean isIpv4(String text) {
        if (text.indexOf(':') >= 0) {
            // An IPv4 address written as one of IPv6 counts too.
            return text.indexOf('.') >= 0 && isIp6(text);
        }
        return isIp4(text);
    }

    static boolean isIpv6(String text) {
        return text.indexOf(':') >= 0 && isIp6(text);
    }

    static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            return false;
        }
        String address = text.substring(0, slash);
        int bits = Integer.parseInt(text, slash + 1, text.length(), 10);
        return isIp4(address) ? bits <= 32 : isIpv6(address) && bits <= 128;
    }

    /** 6, 8 or 20 bytes, with colons or dashes between all, or dots between pairs of them. */
    static boolean isMac(String text) {
        String hex = "[0-9a-fA-F]";
        for (int bytes : new int[] {6, 8, 20}) {
            for (String separator : new String[] {":", "-"}) {
                if (text.matches(hex + "{2}(" + separator + hex + "{2}){" + (bytes - 1) + "}")) {
                    return true;
                }
            }
            if (text.matches(hex + "{4}(\\." + hex + "{4}){" + (bytes / 2 - 1) + "}")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIp4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!part.matches("[0-9]{1,9}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIp6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        int groups = gap < 0
                ? groups(text, true)
                : groups(text.substring(0, gap), false) + groups(text.substring(gap + 2), true);
        return gap < 0 ? groups == GROUPS : groups >= 0 && groups < GROUPS;
    }

    /** How many groups of 16 bits; far below zero if something is none. The last may be an IPv4 address. */
    private static int groups(String text, boolean last) {
        if (text.isEmpty()) {
            return 0;
        }
        int groups = 0;
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
                groups++;
            } else if (last && i == parts.length - 1 && isIp4(parts[i])) {
                groups += 2;
            } else {
                return -100;
            }
        }
        return groups;
    }
}
