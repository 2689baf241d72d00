package io.keelson.apiserver.server;

import io.keelson.apiserver.services.Address;
import io.keelson.apiserver.services.IpFamily;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where others reach this server: what its flags say, what it listens at, or else an address of this machine. */
final class AdvertisedAddress {
    private static final Logger log = LoggerFactory.getLogger(AdvertisedAddress.class);

    private AdvertisedAddress() {}

    /**
     * Finds it.
     *
     * @param flag {@code --advertise-address}; null if it was not given
     * @param bind where it listens
     * @param family that it must have
     * @return null if there is none that others could reach
     */
    static @Nullable Address find(@Nullable String flag, String bind, IpFamily family) {
        String wanted = flag == null ? bind : flag;
        Address stated = Address.parse(wanted);
        if (stated != null && stated.family() == family && isReachable(wanted)) {
            return stated;
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(AdvertisedAddress::isUp)
                    .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(address -> Optional.ofNullable(Address.parse(text(address))))
                    .flatMap(Optional::stream)
                    .filter(address -> address.family() == family && isReachable(address.toString()))
                    .findFirst()
                    .orElse(null);
        } catch (SocketException e) {
            log.info("this machine does not tell its addresses: {}", e.getMessage());
            return null;
        }
    }

    private static boolean isUp(NetworkInterface card) {
        try {
            return card.isUp() && !card.isLoopback();
        } catch (SocketException e) {
            return false;
        }
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static boolean isReachable(String text) {
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            return !address.isAnyLocalAddress()
                    && !address.isLoopbackAddress()
                    && !address.isLinkLocalAddress()
                    && !address.isMulticastAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** This machine's name; {@code localhost} if it has none that it knows. */
    static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
