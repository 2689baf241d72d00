package io.keelson.apiserver.services;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the addresses and ports that are given out to Services, and tells how many are taken and how many are left,
 * under kube-apiserver's names. Any thread.
 */
public final class AllocationMetrics {
    private static final Logger log = LoggerFactory.getLogger(AllocationMetrics.class);

    private static final String ADDRESSES = "kube_apiserver_clusterip_allocator_";
    private static final String PORTS = "kube_apiserver_nodeport_allocator_";

    private final Metrics metrics;
    private final Metrics.Counters addresses;
    private final Metrics.Counters addressErrors;
    private final Metrics.Counters ports;
    private final Metrics.Counters portErrors;

    /** How something was asked for. */
    enum Wish {
        /** By whoever makes the Service. */
        CHOSEN("static"),
        /** Whichever is free. */
        ANY("dynamic");

        private final String label;

        Wish(String label) {
            this.label = Metrics.label("scope", label);
        }
    }

    /**
     * How much of something there is.
     *
     * @param labels of whatever it is part of; empty for none
     */
    record Room(String labels, double taken, double all) {}

    /** Looks at how much there is. */
    @FunctionalInterface
    interface Look {
        List<Room> rooms() throws InterruptedException;
    }

    public AllocationMetrics(Metrics metrics) {
        this.metrics = metrics;
        addresses = metrics.counters(
                ADDRESSES + "allocation_total",
                "Addresses that Services were given, by range and whether it was chosen.");
        addressErrors = metrics.counters(
                ADDRESSES + "allocation_errors_total",
                "Addresses that Services could not be given, by range and whether it was chosen.");
        ports = metrics.counters(
                PORTS + "allocation_total", "Ports of nodes that Services were given, by whether it was chosen.");
        portErrors = metrics.counters(
                PORTS + "allocation_errors_total",
                "Ports of nodes that Services could not be given, by whether it was chosen.");
    }

    /** A Service was given an address, or was not. */
    void address(AddressRange range, Wish wish, boolean given) {
        (given ? addresses : addressErrors).at(range(range) + "," + wish.label).increment();
    }

    /** A Service was given a port, or was not. */
    void port(Wish wish, boolean given) {
        (given ? ports : portErrors).at(wish.label).increment();
    }

    static String range(AddressRange range) {
        return Metrics.label("cidr", range.text());
    }

    /** Tells from now on how much is left, looked up whenever somebody reads the metrics. */
    void follow(Look addressRooms, Look portRooms) {
        gauges(ADDRESSES, "ips", "Addresses of Services that are %s, by range.", addressRooms);
        gauges(PORTS, "ports", "Ports of nodes that are %s.", portRooms);
    }

    private void gauges(String prefix, String what, String help, Look look) {
        metrics.family(
                prefix + "allocated_" + what,
                help.formatted("taken"),
                "gauge",
                () -> samples(look).stream()
                        .map(room -> new Metrics.Sample("", room.labels(), room.taken()))
                        .toList());
        metrics.family(
                prefix + "available_" + what,
                help.formatted("free"),
                "gauge",
                () -> samples(look).stream()
                        .map(room -> new Metrics.Sample("", room.labels(), Math.max(0, room.all() - room.taken())))
                        .toList());
    }

    /** While the store does not answer there are none. */
    private static List<Room> samples(Look look) {
        try {
            return look.rooms();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ApiException e) {
            log.debug("what Services hold is not known: {}", e.message());
        }
        return List.of();
    }
}
