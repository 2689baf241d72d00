package io.keelson.agent.dns;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The name servers that a file like {@code /etc/resolv.conf} names; the first {@value #SERVERS_MAX}. */
final class ResolvConf {
    static final int SERVERS_MAX = 15;
    private static final int OCTETS_MAX = 1 << 20;

    private ResolvConf() {}

    /** The text of a file of settings, which may be written by anybody and is not to fill the memory. */
    static String text(Path file) throws IOException {
        if (Files.size(file) > OCTETS_MAX) {
            throw new IOException(file + " has more than " + OCTETS_MAX + " octets");
        }
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    /** Reads its text; what is no name server's address is left out. */
    static List<InetSocketAddress> parse(String text) {
        List<InetSocketAddress> servers = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.strip().split("\\s+", 3);
            if (words.length < 2 || !words[0].equals("nameserver") || servers.size() == SERVERS_MAX) {
                continue;
            }
            InetAddress address = address(words[1]);
            if (address != null) {
                servers.add(new InetSocketAddress(address, 53));
            }
        }
        return List.copyOf(servers);
    }

    /** An address, which may name a network interface of this machine after a percent sign; null if it is none. */
    private static @Nullable InetAddress address(String text) {
        int percent = text.indexOf('%');
        IpAddress plain = IpAddress.parse(percent < 0 ? text : text.substring(0, percent));
        if (plain == null) {
            return null;
        }
        try {
            // Both are numbers, so that nobody is asked for a name; the interface has to be there.
            return InetAddress.getByName(percent < 0 ? plain.toString() : plain + text.substring(percent));
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
