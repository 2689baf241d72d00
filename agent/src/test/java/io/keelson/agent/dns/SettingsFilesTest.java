package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFilesTest {
    private static InetSocketAddress server(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 53);
    }

    @Test
    void nameServersAreRead() {
        assertEquals(
                List.of(server("10.0.0.1"), server("fd00::1")),
                ResolvConf.parse(
                        "# nameserver 1.1.1.1\nsearch example.com\n nameserver\t10.0.0.1 \nnameserver fd00::1\n"
                                + "nameserver example.com\nnameserver 999.1.1.1\nnameserver fe80::1%nowhere\nnameserver"));
        assertEquals(15, ResolvConf.parse("nameserver 10.0.0.1\n".repeat(100)).size());
    }

    @Test
    void aFileIsReadAgainWhenItHasChangedAndKeptWhenItIsGone(@TempDir Path folder) throws IOException {
        SettableTime time = new SettableTime();
        Path file = folder.resolve("resolv.conf");
        Files.writeString(file, "nameserver 10.0.0.1\n");
        WatchedFile<List<InetSocketAddress>> watched = new WatchedFile<>(file, ResolvConf::parse, time);
        assertEquals(List.of(server("10.0.0.1")), watched.content());
        Files.writeString(file, "nameserver 10.0.0.2\n");
        assertEquals(List.of(server("10.0.0.1")), watched.content());
        time.advance(Duration.ofSeconds(5));
        assertEquals(List.of(server("10.0.0.2")), watched.content());
        Files.writeString(file, "nameserver 10.0.0.3\n".repeat(100_000));
        time.advance(Duration.ofSeconds(5));
        assertEquals(List.of(server("10.0.0.2")), watched.content(), "too large to be one");
    }

    @Test
    void hostsAreNamesAndAddresses() {
        HostsFile hosts = HostsFile.parse("10.0.0.1 db DB.example.com # the old one\nfd00::1 db\nnot-an-address x\n"
                + "10.0.0.2 " + "a".repeat(64) + "\n10.0.0.3\n");
        Lookup.Known v4 = assertInstanceOf(Lookup.Known.class, hosts.lookup(question("db", RecordType.A)));
        assertEquals(
                List.of(ResourceRecord.address(DnsName.parse("db"), 3600, new byte[] {10, 0, 0, 1})),
                v4.answer().answers());
        Lookup.Known none = assertInstanceOf(Lookup.Known.class, hosts.lookup(question("db", RecordType.MX)));
        assertEquals(List.of(), none.answer().answers());
        Lookup.Known reverse =
                assertInstanceOf(Lookup.Known.class, hosts.lookup(question("1.0.0.10.in-addr.arpa", RecordType.PTR)));
        assertEquals(2, reverse.answer().answers().size());
        assertInstanceOf(Lookup.Elsewhere.class, hosts.lookup(question("x", RecordType.A)));
    }

    private static Question question(String name, int type) {
        return Question.of(DnsName.parse(name), type);
    }

    @Test
    void addressesOfFlagsAreRead() {
        assertEquals(server("10.0.0.1"), DnsCommand.address("10.0.0.1", 53));
        assertEquals(server("fd00::1"), DnsCommand.address("fd00::1", 53));
        assertEquals(server("fd00::1"), DnsCommand.address("[fd00::1]", 53));
        assertEquals(server("fd00::1"), DnsCommand.address("[fd00::1]:53", 1053));
        assertEquals(server("10.0.0.1"), DnsCommand.address("10.0.0.1:53", 1053));
        for (String wrong : List.of("", "example.com", "10.0.0.1:", "10.0.0.1:99999", "[10.0.0.1", ":53")) {
            assertThrows(IllegalArgumentException.class, () -> DnsCommand.address(wrong, 53), wrong);
        }
    }
}
