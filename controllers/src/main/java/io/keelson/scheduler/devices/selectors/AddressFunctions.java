package io.keelson.scheduler.devices.selectors;

import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import java.util.function.Predicate;

/** IP addresses and ranges of them: {@code cidr("10.0.0.0/8").containsIP("10.0.0.1")}. */
final class AddressFunctions {
    private static final OpaqueType IP = OpaqueType.create("net.IP");
    private static final OpaqueType CIDR = OpaqueType.create("net.CIDR");

    private AddressFunctions() {}

    static void addTo(FunctionTable table) {
        table.type(IP, Address.class);
        table.type(CIDR, Network.class);
        addresses(table);
        ranges(table);
    }

    private static void addresses(FunctionTable table) {
        table.global("ip", "string_to_ip", IP, given -> address(given[0]), SimpleType.STRING);
        table.global(
                "isIP",
                "is_ip",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(Address::parse, given[0]),
                SimpleType.STRING);
        table.global(
                "ip.isCanonical",
                "ip_is_canonical",
                SimpleType.BOOL,
                given -> address(given[0]).toString().equals(given[0]),
                SimpleType.STRING);
        table.global("string", "ip_to_string", SimpleType.STRING, given -> given[0].toString(), IP);
        table.member(
                "family",
                "ip_family",
                SimpleType.INT,
                given -> ((Address) given[0]).plain().isV6() ? 6L : 4L,
                IP);
        is(table, "isUnspecified", "ip_is_unspecified", each -> each.address().isAnyLocalAddress());
        is(table, "isLoopback", "ip_is_loopback", each -> each.address().isLoopbackAddress());
        is(
                table,
                "isLinkLocalMulticast",
                "ip_is_link_local_multicast",
                each -> each.address().isMCLinkLocal());
        is(
                table,
                "isLinkLocalUnicast",
                "ip_is_link_local_unicast",
                each -> each.address().isLinkLocalAddress());
        is(table, "isGlobalUnicast", "ip_is_global_unicast", Address::isGlobalUnicast);
    }

    private static void is(FunctionTable table, String name, String id, Predicate<Address> what) {
        table.member(name, id, SimpleType.BOOL, given -> what.test((Address) given[0]), IP);
    }

    private static void ranges(FunctionTable table) {
        table.global("cidr", "string_to_cidr", CIDR, given -> range(given[0]), SimpleType.STRING);
        table.global(
                "isCIDR",
                "is_cidr",
                SimpleType.BOOL,
                given -> FunctionTable.succeeds(Network::parse, given[0]),
                SimpleType.STRING);
        table.global("string", "cidr_to_string", SimpleType.STRING, given -> given[0].toString(), CIDR);
        table.member(
                "containsIP",
                "cidr_contains_ip_string",
                SimpleType.BOOL,
                given -> ((Network) given[0]).contains(address(given[1])),
                CIDR,
                SimpleType.STRING);
        table.member(
                "containsIP",
                "cidr_contains_ip_ip",
                SimpleType.BOOL,
                given -> ((Network) given[0]).contains((Address) given[1]),
                CIDR,
                IP);
        table.member(
                "containsCIDR",
                "cidr_contains_cidr_string",
                SimpleType.BOOL,
                given -> ((Network) given[0]).contains(range(given[1])),
                CIDR,
                SimpleType.STRING);
        table.member(
                "containsCIDR",
                "cidr_contains_cidr",
                SimpleType.BOOL,
                given -> ((Network) given[0]).contains((Network) given[1]),
                CIDR,
                CIDR);
        table.member("ip", "cidr_ip", IP, given -> ((Network) given[0]).address(), CIDR);
        table.member("masked", "cidr_masked", CIDR, given -> ((Network) given[0]).masked(), CIDR);
        table.member(
                "prefixLength",
                "cidr_prefix_length",
                SimpleType.INT,
                given -> (long) ((Network) given[0]).range().length(),
                CIDR);
    }

    private static Address address(Object text) {
        return FunctionTable.orFail(Address::parse, text);
    }

    private static Network range(Object text) {
        return FunctionTable.orFail(Network::parse, text);
    }
}
