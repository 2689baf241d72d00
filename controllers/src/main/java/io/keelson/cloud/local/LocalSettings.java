package io.keelson.cloud.local;

import io.keelson.cloud.AddressRange;
import io.keelson.cloud.CloudProvider;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.config.ConfigFile;
import io.keelson.controllers.config.ConfigNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code --cloud-config} says to this provider:
 *
 * <pre>
 * apiVersion: cloud.keelson.io/v1
 * kind: LocalCloud
 * addresses:
 * - 192.168.1.240-192.168.1.250
 * - fd00:1::10
 * interface: eth0
 * ipMode: VIP
 * maxConnections: 1024
 * maxFlows: 4096
 * connectTimeout: 3s
 * idleTimeout: 1h
 * flowTimeout: 1m
 * healthCheckPeriod: 5s
 * </pre>
 *
 * @param addresses the pool: ranges that are this provider's alone; not empty
 * @param networkInterface where addresses are put that this machine does not have yet
 * @param ipMode {@code VIP}: proxies on nodes may take what is sent there themselves; {@code Proxy}: they may not
 * @param maxConnections how many connections are passed on at a time, of all Services together
 * @param maxFlows how many senders of datagrams are remembered for each port
 * @param connectTimeout how long a node has to take a connection, before the next one is tried
 * @param idleTimeout after how long without a byte a connection is closed
 * @param flowTimeout after how long without a datagram a sender is forgotten
 * @param healthCheckPeriod how often nodes are asked whether they have an endpoint
 */
public record LocalSettings(
        List<AddressRange> addresses,
        String networkInterface,
        String ipMode,
        int maxConnections,
        int maxFlows,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration flowTimeout,
        Duration healthCheckPeriod) {
    /** The kernel takes names of interfaces up to this length. */
    private static final int INTERFACE_LENGTH_MAX = 15;

    private static final int CONNECTIONS = 1024;
    private static final int FLOWS = 4096;

    public LocalSettings {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a pool without addresses");
        }
    }

    /** A pool on the loopback interface, with the usual limits. */
    public static LocalSettings of(List<AddressRange> addresses) {
        return new LocalSettings(
                addresses,
                "lo",
                "VIP",
                CONNECTIONS,
                FLOWS,
                Duration.ofSeconds(3),
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(5));
    }

    /** Without a file: 127.0.64.1 to 127.0.64.254, which every Linux machine has and only programs on it can reach. */
    public static LocalSettings usual() {
        AddressRange loopback = AddressRange.parse("127.0.64.1-127.0.64.254");
        if (loopback == null) {
            throw new IllegalStateException("a range is one");
        }
        return of(List.of(loopback));
    }

    /**
     * Out of a file.
     *
     * @throws ConfigException if it is not as it has to be; its text names the line
     */
    public static LocalSettings read(Path file) throws ConfigException {
        return parse(file.toString(), ConfigFile.bytes(file));
    }

    static LocalSettings parse(String name, byte[] bytes) throws ConfigException {
        ConfigNode document = ConfigFile.parse(name, bytes);
        ConfigNode.Fields fields = document.fields(
                "apiVersion",
                "kind",
                "addresses",
                "interface",
                "ipMode",
                "maxConnections",
                "maxFlows",
                "connectTimeout",
                "idleTimeout",
                "flowTimeout",
                "healthCheckPeriod");
        fields.isOfKind(CloudProvider.API_VERSION, "LocalCloud");
        List<AddressRange> addresses = addresses(fields);
        LocalSettings usual = of(addresses);
        return new LocalSettings(
                addresses,
                networkInterface(fields),
                fields.find("ipMode").isPresent() ? fields.get("ipMode").word("VIP", "Proxy") : usual.ipMode,
                number(fields, "maxConnections", 65_536, usual.maxConnections),
                number(fields, "maxFlows", 65_536, usual.maxFlows),
                duration(fields, "connectTimeout", usual.connectTimeout),
                duration(fields, "idleTimeout", usual.idleTimeout),
                duration(fields, "flowTimeout", usual.flowTimeout),
                duration(fields, "healthCheckPeriod", usual.healthCheckPeriod));
    }

    private static List<AddressRange> addresses(ConfigNode.Fields fields) throws ConfigException {
        ConfigNode list = fields.get("addresses");
        List<AddressRange> ranges = new ArrayList<>();
        for (ConfigNode each : list.list()) {
            AddressRange range = AddressRange.parse(each.text());
            if (range == null) {
                throw each.wrong(
                        "must be addresses, as 192.168.1.240-192.168.1.250, 10.1.0.0/24 or fd00::10 are, not \""
                                + each.text() + '"');
            }
            if (each.text().indexOf('/') >= 0) {
                range = range.ofMachines();
            }
            if (ranges.stream().anyMatch(range::overlaps)) {
                throw each.wrong(range + " has addresses in it that are in the list already");
            }
            ranges.add(range);
        }
        if (ranges.isEmpty()) {
            throw list.wrong("must name at least one address");
        }
        return ranges;
    }

    private static String networkInterface(ConfigNode.Fields fields) throws ConfigException {
        String name = fields.text("interface", "lo");
        if (!name.matches("[A-Za-z0-9_.@-]{1," + INTERFACE_LENGTH_MAX + "}") || name.startsWith("-")) {
            throw fields.get("interface").wrong("must be the name of a network interface, not \"" + name + '"');
        }
        return name;
    }

    private static int number(ConfigNode.Fields fields, String name, int most, int otherwise) throws ConfigException {
        return fields.find(name).isPresent() ? fields.get(name).number(1, most) : otherwise;
    }

    private static Duration duration(ConfigNode.Fields fields, String name, Duration otherwise) throws ConfigException {
        return fields.find(name).isPresent() ? fields.get(name).duration() : otherwise;
    }
}
