package io.keelson.apiserver.cel.functions;

import io.keelson.apiserver.object.GoText;

/** A range of addresses in the notation of CIDR; the address may have bits after the prefix. */
record Network(Address address, int prefix) {
    /** @throws FunctionFailure with the text of the original */
    static Network parse(String text) {
        int slash = text.lastIndexOf('/');
        String bits = text.substring(slash + 1);
        boolean digits = slash >= 0
                && !bits.isEmpty()
                && bits.length() <= 3
                && bits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (bits.length() == 1 || bits.charAt(0) != '0');
        if (!digits) {
            throw wrong(text, slash < 0 ? "no '/'" : "bad bits after slash: " + GoText.quoted(bits));
        }
        Address address;
        try {
            address = Address.parse(text.substring(0, slash));
        } catch (FunctionFailure e) {
            if (e.getMessage().contains("mapped")) {
                throw new FunctionFailure("IPv4-mapped IPv6 address " + GoText.quoted(text) + " is not allowed");
            }
            throw wrong(text, "unable to parse IP");
        }
        int prefix = Integer.parseInt(bits);
        if (prefix > address.bytes().length * 8) {
            throw wrong(text, "prefix length out of range");
        }
        return new Network(address, prefix);
    }

    private static FunctionFailure wrong(String text, String why) {
        return new FunctionFailure("network address parse error during conversion from string: netip.ParsePrefix("
                + GoText.quoted(text) + "): " + why);
    }

    boolean contains(Address other) {
        return other.isFour() == address.isFour() && other.masked(prefix).equals(address.masked(prefix));
    }

    boolean contains(Network other) {
        return prefix <= other.prefix && contains(other.address);
    }

    Network masked() {
        return new Network(address.masked(prefix), prefix);
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }
}
