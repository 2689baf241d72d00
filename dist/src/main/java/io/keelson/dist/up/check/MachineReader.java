package io.keelson.dist.up.check;

import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.embedded.EmbeddedRuntime;
import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.agent.network.EmptyNetwork;
import io.keelson.proxy.nft.NftForwarding;
import io.keelson.proxy.rules.Family;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads what there is of a machine, and changes nothing. */
final class MachineReader {
    private static final int SERVER_PORT = 10_250;
    private static final int DNS_PORT = 53;
    private static final int PROXY_HEALTH_PORT = 10_256;

    /** Its usual one. Only who has the port at every address is in the way. */
    private static final String DNS_ADDRESS = "10.96.0.10";

    private static final String EVERYWHERE = "0.0.0.0";

    private final KernelFiles files;
    private final Plan plan;

    /**
     * What is to be there.
     *
     * @param folder where the cluster is to be kept
     * @param address where its API is to listen
     * @param port at which port; 0 for any
     * @param runner the process that runs the cluster of this folder; 0 if none does
     */
    record Plan(Path folder, String address, int port, long runner) {}

    /** @param files those of this machine, but in tests */
    MachineReader(KernelFiles files, Plan plan) {
        this.files = files;
        this.plan = plan;
    }

    Facts read() throws IOException {
        return new Facts(
                kernel(),
                cgroups(),
                room(),
                network(),
                new NodeReader(files, plan.folder(), plan.runner() != 0, InstantSource.system())
                        .read(RuntimeChoice.choose(
                                "",
                                "",
                                RuntimeChoice.WELL_KNOWN,
                                endpoint -> Files.exists(Path.of(endpoint.path())),
                                RuntimeSockets::answers)));
    }

    Facts.Kernel kernel() {
        String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String machine = architecture.equals("amd64") ? "x86_64" : architecture;
        long user = files.lines("proc/self/status")
                .filter(line -> line.startsWith("Uid:"))
                .map(line -> line.split("\\s+", -1))
                .filter(fields -> fields.length > 2 && fields[2].matches("\\d{1,10}"))
                .map(fields -> Long.parseLong(fields[2]))
                .findFirst()
                .orElse(-1L);
        long capabilities = files.lines("proc/self/status")
                .filter(line -> line.matches("CapEff:\\s*[0-9a-f]{1,16}"))
                .map(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16))
                .findFirst()
                .orElse(0L);
        return new Facts.Kernel(
                System.getProperty("os.name", ""),
                files.text("proc/sys/kernel/osrelease").orElse(System.getProperty("os.version", "")),
                machine,
                EmbeddedRuntime.class.getResource("/native/linux-" + machine + "/keelson-shim") != null,
                user,
                capabilities,
                words(files.text("proc/sys/kernel/seccomp/actions_avail").orElse("")),
                new TreeSet<>(files.names("proc/self/ns")));
    }

    private static Set<String> words(String text) {
        Set<String> words = new TreeSet<>(List.of(text.split("\\s+", -1)));
        words.remove("");
        return words;
    }

    Facts.Cgroups cgroups() {
        Set<String> first = new TreeSet<>();
        Set<String> second = new TreeSet<>();
        boolean hasSecond = false;
        boolean isWritable = true;
        for (String line : files.lines("proc/self/mountinfo").toList()) {
            int dash = line.indexOf(" - ");
            String[] before = dash < 0 ? new String[0] : line.substring(0, dash).split(" ", -1);
            String[] after = dash < 0 ? new String[0] : line.substring(dash + 3).split(" ", -1);
            if (before.length < 6 || after.length < 3 || !after[0].startsWith("cgroup")) {
                continue;
            }
            isWritable = isWritable && List.of(before[5].split(",", -1)).contains("rw");
            if (after[0].equals("cgroup2")) {
                hasSecond = true;
                second.addAll(words(files.text(before[4].substring(1) + "/cgroup.controllers")
                        .orElse("")));
            } else {
                first.addAll(List.of(after[2].split(",", -1)));
            }
        }
        first.removeIf(option -> option.startsWith("name=") || option.equals("rw") || option.equals("ro"));
        return new Facts.Cgroups(first, second, hasSecond, isWritable);
    }

    private Facts.Room room() throws IOException {
        Path there = plan.folder();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        FileStore store = Files.getFileStore(there);
        long kibibyte = 1024;
        String[] openFiles = files.lines("proc/self/limits")
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElse("")
                .split("\\s+", -1);
        return new Facts.Room(
                plan.folder(),
                store.type(),
                overlay(),
                store.getUsableSpace(),
                store.getTotalSpace(),
                files.number("proc/meminfo", "MemTotal:") * kibibyte,
                files.number("proc/meminfo", "MemAvailable:") * kibibyte,
                openFiles.length > 4 && openFiles[4].matches("\\d{1,18}") ? Long.parseLong(openFiles[4]) : -1,
                files.number("proc/sys/fs/inotify/max_user_instances"),
                files.number("proc/sys/fs/inotify/max_user_watches"),
                files.number("proc/sys/kernel/pid_max"));
    }

    private Facts.Module overlay() {
        if (files.lines("proc/filesystems").anyMatch(line -> line.strip().equals("nodev\toverlay"))) {
            return Facts.Module.THERE;
        }
        String modules =
                "lib/modules/" + files.text("proc/sys/kernel/osrelease").orElse("") + "/modules.dep";
        return files.lines(modules).anyMatch(line -> line.contains("/overlay.ko"))
                ? Facts.Module.ON_DISK
                : Facts.Module.NONE;
    }

    private Facts.Network network() throws IOException {
        Map<String, String> switches = new LinkedHashMap<>();
        for (String name :
                List.of("ipv4/ip_forward", "bridge/bridge-nf-call-iptables", "ipv4/conf/all/route_localnet")) {
            files.text("proc/sys/net/" + name).ifPresent(value -> switches.put(name, value));
        }
        return new Facts.Network(tables(), switches, ports(sockets()));
    }

    private static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        for (Family family : Family.values()) {
            try {
                String problem = EmptyNetwork.call(() -> {
                    try (NetlinkSocket socket = new NetlinkSocket(NetlinkSocket.NETFILTER)) {
                        NftForwarding.probe(socket, family);
                        return "";
                    } catch (NetlinkException e) {
                        return String.valueOf(e.getMessage());
                    }
                });
                tables.put(family == Family.IPV4 ? "ip" : "ip6", problem);
            } catch (IOException e) {
                // No namespace can be made: that is a finding of its own.
                return Map.of();
            }
        }
        return tables;
    }

    ListeningSockets sockets() {
        List<ListeningSockets.Socket> sockets = new ArrayList<>();
        for (String protocol : List.of("tcp", "udp")) {
            for (String version : List.of("", "6")) {
                sockets.addAll(ListeningSockets.parse(
                        protocol, files.text("proc/net/" + protocol + version).orElse("")));
            }
        }
        return new ListeningSockets(sockets);
    }

    List<Facts.Port> ports(ListeningSockets sockets) throws IOException {
        List<Facts.Port> ports = new ArrayList<>();
        if (plan.port() != 0) {
            ports.add(port(sockets, Facts.Port.API, plan.address(), plan.port(), "tcp", true));
        }
        ports.add(port(sockets, "the node's server", EVERYWHERE, SERVER_PORT, "tcp", true));
        ports.add(port(sockets, "the proxy's health", EVERYWHERE, PROXY_HEALTH_PORT, "tcp", false));
        ports.add(port(sockets, "the cluster's DNS", DNS_ADDRESS, DNS_PORT, "udp", false));
        ports.add(port(sockets, "the cluster's DNS", DNS_ADDRESS, DNS_PORT, "tcp", false));
        return ports;
    }

    private Facts.Port port(
            ListeningSockets sockets, String use, String address, int number, String protocol, boolean isNeeded)
            throws IOException {
        byte[] octets = InetAddress.ofLiteral(address).getAddress();
        return sockets.at(protocol, octets, number)
                .map(socket -> {
                    long owner = owner(socket.inode());
                    String name = files.text("proc/" + owner + "/comm").orElse("another process");
                    return new Facts.Port(
                            use,
                            address,
                            number,
                            protocol,
                            isNeeded,
                            owner < 0 ? "another process" : name + " (process " + owner + ")",
                            owner > 0 && owner == plan.runner());
                })
                .orElse(new Facts.Port(use, address, number, protocol, isNeeded, "", false));
    }

    /** The process that has a socket; -1 if it is not known, as for those of other users. */
    private long owner(long inode) {
        String wanted = "socket:[" + inode + "]";
        for (String process : files.names("proc")) {
            if (!process.matches("\\d{1,10}")) {
                continue;
            }
            for (String descriptor : files.names("proc/" + process + "/fd")) {
                if (leadsTo(files.at("proc/" + process + "/fd/" + descriptor), wanted)) {
                    return Long.parseLong(process);
                }
            }
        }
        return -1;
    }

    private static boolean leadsTo(Path link, String wanted) {
        try {
            return Files.readSymbolicLink(link).toString().equals(wanted);
        } catch (IOException e) {
            // It was closed meanwhile.
            return false;
        }
    }

    /** Which of these programs are on a path. */
    static Set<String> programs(Set<String> wanted, String path) {
        List<String> folders = new ArrayList<>(List.of(path.split(File.pathSeparator, -1)));
        return wanted.stream()
                .filter(name -> folders.stream()
                        .filter(folder -> !folder.isEmpty())
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name))))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
