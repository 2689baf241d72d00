package io.keelson.scheduler.devices.selectors;

import io.keelson.controllers.objects.IpPrefix;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of addresses of an expression, as {@code 10.0.0.0/8}.
 *
 * @param address as it is written, with what stands behind the length
 */
record Network(Address address, IpPrefix range) {
    private static final Pattern FORM = Pattern.compile("(.*)/(0|[1-9]\\d{0,2})");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Network parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw wrong(text, "there are no bits after a slash");
        }
        Address address;
        try {
            address = Address.parse(form.group(1));
        } catch (IllegalArgumentException e) {
            throw wrong(text, String.valueOf(e.getMessage()));
        }
        IpPrefix range = IpPrefix.parse(address + "/" + form.group(2));
        if (range == null) {
            throw wrong(text, "prefix length out of range");
        }
        return new Network(address, range);
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("network address parse error during conversion from string: "
                + "netip.ParsePrefix(\"" + text + "\"): " + why);
    }

    boolean contains(Address other) {
        return range.contains(other.plain());
    }

    boolean contains(Network other) {
        return range.contains(other.range);
    }

    Network masked() {
        return new Network(Address.of(range.first()), range);
    }

    @Override
    public String toString() {
        return address + "/" + range.length();
    }
}
