package io.keelson.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class AddressSpanProperties {
    private static IpPrefix prefix(String text) {
        return Objects.requireNonNull(IpPrefix.parse(text));
    }

    private static AddressSpan span(String text) {
        return AddressSpan.of(prefix(text));
    }

    private static IpPrefix random(Random random) {
        return prefix("10.0.0." + random.nextInt(64) + '/' + (26 + random.nextInt(7)));
    }

    @Property(tries = 200)
    void anAddressIsInBlocksWithoutTheirExceptions(@ForAll long seed) {
        Random random = new Random(seed);
        List<IpPrefix> blocks = new ArrayList<>();
        List<List<IpPrefix>> excepted = new ArrayList<>();
        List<AddressSpan> spans = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            blocks.add(random(random));
            List<IpPrefix> except = new ArrayList<>();
            for (int j = 0; j < random.nextInt(4); j++) {
                except.add(random(random));
            }
            excepted.add(except);
            spans.addAll(AddressSpan.of(blocks.getLast())
                    .without(except.stream().map(AddressSpan::of).toList()));
        }
        List<AddressSpan> merged = AddressSpan.merged(spans);
        for (int last = 0; last < 70; last++) {
            IpAddress address = Objects.requireNonNull(IpAddress.parse("10.0.0." + last));
            boolean expected = false;
            for (int i = 0; i < blocks.size(); i++) {
                expected |= blocks.get(i).contains(address)
                        && excepted.get(i).stream().noneMatch(except -> except.contains(address));
            }
            assertEquals(expected, merged.stream().anyMatch(span -> span.contains(address)), address::toString);
        }
        for (int i = 1; i < merged.size(); i++) {
            BigInteger gap = merged.get(i).first().subtract(merged.get(i - 1).last());
            assertTrue(gap.compareTo(BigInteger.ONE) > 0, merged::toString);
        }
    }

    @Example
    void spansAreWrittenAsRulesReadThem() {
        assertEquals("10.0.0.0-10.0.0.255", span("10.0.0.0/24").toString());
        assertEquals("fd00::1", span("fd00::1/128").toString());
        assertEquals("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", span("::/0").toString());
        assertTrue(span("0.0.0.0/0").isAll() && span("::/0").isAll());
        assertEquals(
                List.of("0.0.0.0-9.255.255.255", "11.0.0.0-255.255.255.255"),
                span("0.0.0.0/0").without(List.of(span("10.0.0.0/8"))).stream()
                        .map(AddressSpan::toString)
                        .toList());
        assertEquals(List.of(), span("10.0.0.0/8").without(List.of(span("0.0.0.0/0"))));
    }
}
