package io.keelson.apiserver.services;

import io.keelson.apiserver.resource.Reservation;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses and ports that one Service takes and gives back in one write. In a dry run it takes nothing and answers with
 * what could be.
 */
final class ServiceReservation implements Reservation {
    /** The first port that is made up in a dry run. */
    private static final int MADE_UP_FIRST = 32_769;

    private final ClusterAddresses addresses;
    private final NodePorts ports;
    private final AllocationMetrics metrics;
    private final ServiceName service;
    private final boolean dryRun;

    private final List<Address> addressesTaken = new ArrayList<>();
    private final List<Integer> portsTaken = new ArrayList<>();
    private final List<Address> addressesLeft = new ArrayList<>();
    private final List<Integer> portsLeft = new ArrayList<>();
    private boolean decided;

    ServiceReservation(
            ClusterAddresses addresses,
            NodePorts ports,
            AllocationMetrics metrics,
            ServiceName service,
            boolean dryRun) {
        this.addresses = addresses;
        this.ports = ports;
        this.metrics = metrics;
        this.service = service;
        this.dryRun = dryRun;
    }

    void takeAddress(Address address) throws CannotAllocateException, InterruptedException {
        if (dryRun) {
            addresses.tryToTake(address);
        } else {
            addresses.take(address, service);
            addressesTaken.add(address);
        }
    }

    Address takeAnyAddress(IpFamily family) throws CannotAllocateException, InterruptedException {
        if (dryRun) {
            return addresses.placeholder(family);
        }
        Address address = addresses.takeAny(family, service);
        addressesTaken.add(address);
        return address;
    }

    void takePort(int port) throws CannotAllocateException, InterruptedException {
        if (dryRun) {
            if (portsTaken.contains(port) || ports.has(port)) {
                throw CannotAllocateException.portTaken();
            }
        } else {
            counted(AllocationMetrics.Wish.CHOSEN, () -> {
                ports.take(port);
                return port;
            });
        }
        portsTaken.add(port);
    }

    /** What takes a port. */
    @FunctionalInterface
    private interface Taking {
        int run() throws CannotAllocateException, InterruptedException;
    }

    private int counted(AllocationMetrics.Wish wish, Taking taking)
            throws CannotAllocateException, InterruptedException {
        boolean given = false;
        try {
            int port = taking.run();
            given = true;
            return port;
        } finally {
            metrics.port(wish, given);
        }
    }

    int takeAnyPort() throws CannotAllocateException, InterruptedException {
        int port = dryRun
                ? portsTaken.stream().mapToInt(Integer::intValue).max().orElse(MADE_UP_FIRST - 1) + 1
                : counted(AllocationMetrics.Wish.ANY, ports::takeAny);
        portsTaken.add(port);
        return port;
    }

    /** Gives back an address once the write is done. */
    void leaveAddress(Address address) {
        addressesLeft.add(address);
    }

    /** Gives back a port once the write is done. */
    void leavePort(int port) {
        portsLeft.add(port);
    }

    @Override
    public void commit() {
        decided = true;
        giveBack(addressesLeft, portsLeft);
    }

    @Override
    public void keep() {
        decided = true;
    }

    @Override
    public void close() {
        if (!decided) {
            decided = true;
            giveBack(addressesTaken, portsTaken);
        }
    }

    private void giveBack(List<Address> backAddresses, List<Integer> backPorts) {
        if (dryRun) {
            return;
        }
        try {
            for (Address address : backAddresses) {
                addresses.giveBack(address, service);
            }
            for (int port : backPorts) {
                ports.giveBack(port);
            }
        } catch (InterruptedException e) {
            // Repair finds what is left.
            Thread.currentThread().interrupt();
        }
    }
}
