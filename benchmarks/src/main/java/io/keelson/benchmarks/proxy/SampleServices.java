package io.keelson.benchmarks.proxy;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Endpoint;
import io.keelson.proxy.rules.NodeView;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Services by their numbers, each of one UDP port, with a cluster IP and some endpoints. */
final class SampleServices {
    /** How many endpoints each has. */
    static final int ENDPOINTS = 10;

    /** How many of them there may be. */
    static final int SERVICES_MAX = 99_999;

    /** Where Services are served. */
    static final int PORT = 80;

    /** Where endpoints serve. */
    static final int TARGET_PORT = 8080;

    private SampleServices() {}

    static String clusterIp(int number) {
        return "10." + (96 + (number >> 16)) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
    }

    private static String endpointIp(int number, int index) {
        int host = number * ENDPOINTS + index;
        return "11." + (host >> 16) + "." + (host >> 8 & 0xff) + "." + (host & 0xff);
    }

    static PortRules whole(int number) {
        return rules(number, endpointIps(number));
    }

    /** One of its endpoints is another one. */
    static PortRules changed(int number, int index, int other) {
        List<String> ips = endpointIps(number);
        ips.set(index, "12.0." + other + "." + (index + 1));
        return rules(number, ips);
    }

    private static List<String> endpointIps(int number) {
        List<String> ips = new ArrayList<>();
        for (int i = 0; i < ENDPOINTS; i++) {
            ips.add(endpointIp(number, i));
        }
        return ips;
    }

    static PortRules rules(int number, List<String> ips) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String ip : ips) {
            endpoints.add(new Endpoint(
                    new Destination(address(ip), TARGET_PORT), true, true, false, false, true, Set.of(), Set.of()));
        }
        ServicePort port = new ServicePort(
                new ServicePortName(Key.of("default", "service" + number), "", Transport.UDP),
                address(clusterIp(number)),
                PORT,
                0,
                List.of(),
                List.of(),
                null,
                0,
                false,
                false,
                0);
        return PortRules.of(port, endpoints, new NodeView("node", "", List.of()));
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
