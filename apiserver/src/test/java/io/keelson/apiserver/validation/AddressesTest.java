package io.keelson.apiserver.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    private static void judged(Function<String, List<String>> rule, String text, @Nullable String wrong) {
        assertEquals(wrong == null ? List.of() : List.of(wrong), rule.apply(text), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.2.3                |
            0.0.0.0                 |
            fd00::1                 |
            FD00:0:0::0001          |
            2001:0db8::1            |
            ::1.2.3.4               |
            nothing                 |
            10.1.2                  |
            010.1.2.3               | must not have leading 0s
            10.00.2.3               | must not have leading 0s
            10.1.2.03               | must not have leading 0s
            ::ffff:1.2.3.4          | must not be an IPv4-mapped IPv6 address
            ::FFFF:0102:0304        | must not be an IPv4-mapped IPv6 address
            0:0:0:0:0:ffff:1.2.3.4  | must not be an IPv4-mapped IPv6 address
            """)
    void addressesThatProgramsReadDifferently(String text, @Nullable String wrong) {
        judged(Addresses::unambiguousIp, text, wrong);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.2.0/24         |
            10.1.2.3/32         |
            0.0.0.0/0           |
            fd00:0::/64         |
            nothing             |
            10.1.2.0/33         |
            010.1.2.0/24        | must not have leading 0s in IP or prefix length
            10.1.2.0/024        | must not have leading 0s in IP or prefix length
            0.0.0.0/00          | must not have leading 0s in IP or prefix length
            fd00::/064          | must not have leading 0s in IP or prefix length
            010.1.2.3/24        | must not have leading 0s in IP or prefix length
            ::ffff:1.2.3.0/24   | must not have an IPv4-mapped IPv6 address
            10.1.2.3/24         | must not have bits set beyond the prefix length
            10.1.2.3/0          | must not have bits set beyond the prefix length
            fd00::1/64          | must not have bits set beyond the prefix length
            """)
    void rangesThatProgramsReadDifferently(String text, @Nullable String wrong) {
        judged(Addresses::unambiguousCidr, text, wrong);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.2.3        |
            fd00::1         |
            10.1.2          | must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
            10.1.2.03       | must not have leading 0s
            ::ffff:1.2.3.4  | must not be an IPv4-mapped IPv6 address
            FD00:0::1       | must be in canonical form ("fd00::1")
            """)
    void addressesInTheirOneForm(String text, @Nullable String wrong) {
        judged(Addresses::canonicalIp, text, wrong);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.1.2.0/24     |
            fd00::/64       |
            10.1.2.0        | must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
            10.1.2.0/024    | must not have leading 0s in IP or prefix length
            10.1.2.3/24     | must not have bits set beyond the prefix length
            FD00::/64       | must be in canonical form ("fd00::/64")
            """)
    void rangesInTheirOneForm(String text, @Nullable String wrong) {
        judged(Addresses::canonicalCidr, text, wrong);
    }
}
