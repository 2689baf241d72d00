package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.OpaqueType;

/** IP addresses and ranges of them: {@code ip("10.0.0.1")}, {@code cidr("10.0.0.0/8").containsIP("10.0.0.1")}. */
public final class AddressFunctions {
    private static final OpaqueType IP = OpaqueType.create("net.IP");
    private static final OpaqueType CIDR = OpaqueType.create("net.CIDR");

    private AddressFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .type(IP, Address.class)
                .type(CIDR, Network.class)
                .global("ip", "string_to_ip", Cost.FIRST, given -> Address.parse((String) given[0]), IP, STRING)
                .global("isIP", "is_ip", Cost.FIRST, given -> isIp((String) given[0]), BOOL, STRING)
                .global(
                        "ip.isCanonical",
                        "ip_is_canonical",
                        Cost.FIRST,
                        given -> Address.parse((String) given[0]).toString().equals(given[0]),
                        BOOL,
                        STRING)
                .global("string", "ip_to_string", Cost.ONE, given -> given[0].toString(), STRING, IP)
                .member("family", "ip_family", Cost.ONE, given -> ip(given[0]).isFour() ? 4L : 6L, INT, IP)
                .member(
                        "isUnspecified",
                        "ip_is_unspecified",
                        Cost.ONE,
                        given -> ip(given[0]).isUnspecified(),
                        BOOL,
                        IP)
                .member(
                        "isLoopback",
                        "ip_is_loopback",
                        Cost.ONE,
                        given -> ip(given[0]).isLoopback(),
                        BOOL,
                        IP)
                .member(
                        "isLinkLocalMulticast",
                        "ip_is_link_local_multicast",
                        Cost.ONE,
                        given -> ip(given[0]).isLinkLocalMulticast(),
                        BOOL,
                        IP)
                .member(
                        "isLinkLocalUnicast",
                        "ip_is_link_local_unicast",
                        Cost.ONE,
                        given -> ip(given[0]).isLinkLocalUnicast(),
                        BOOL,
                        IP)
                .member(
                        "isGlobalUnicast",
                        "ip_is_global_unicast",
                        Cost.ONE,
                        given -> ip(given[0]).isGlobalUnicast(),
                        BOOL,
                        IP)
                .global("cidr", "string_to_cidr", Cost.FIRST, given -> Network.parse((String) given[0]), CIDR, STRING)
                .global("isCIDR", "is_cidr", Cost.FIRST, given -> isCidr((String) given[0]), BOOL, STRING)
                .global("string", "cidr_to_string", Cost.ONE, given -> given[0].toString(), STRING, CIDR)
                .member(
                        "containsIP",
                        "cidr_contains_ip_string",
                        Cost.ALL,
                        given -> cidr(given[0]).contains(Address.parse((String) given[1])),
                        BOOL,
                        CIDR,
                        STRING)
                .member(
                        "containsIP",
                        "cidr_contains_ip_ip",
                        Cost.ONE,
                        given -> cidr(given[0]).contains(ip(given[1])),
                        BOOL,
                        CIDR,
                        IP)
                .member(
                        "containsCIDR",
                        "cidr_contains_cidr_string",
                        Cost.ALL,
                        given -> cidr(given[0]).contains(Network.parse((String) given[1])),
                        BOOL,
                        CIDR,
                        STRING)
                .member(
                        "containsCIDR",
                        "cidr_contains_cidr",
                        Cost.ONE,
                        given -> cidr(given[0]).contains(cidr(given[1])),
                        BOOL,
                        CIDR,
                        CIDR)
                .member("ip", "cidr_ip", Cost.ONE, given -> cidr(given[0]).address(), IP, CIDR)
                .member(
                        "masked",
                        "cidr_masked",
                        Cost.ONE,
                        given -> cidr(given[0]).masked(),
                        CIDR,
                        CIDR)
                .member(
                        "prefixLength",
                        "cidr_prefix_length",
                        Cost.ONE,
                        given -> (long) cidr(given[0]).prefix(),
                        INT,
                        CIDR);
    }

    private static Address ip(Object value) {
        return (Address) value;
    }

    private static Network cidr(Object value) {
        return (Network) value;
    }

    private static Object isIp(String text) {
        try {
            Address.parse(text);
            return true;
        } catch (FunctionFailure e) {
            return false;
        }
    }

    private static Object isCidr(String text) {
        try {
            Network.parse(text);
            return true;
        } catch (FunctionFailure e) {
            return false;
        }
    }
}
