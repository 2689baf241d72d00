package io.keelson.controllers.objects;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A range of addresses, {@code 10.96.0.0/12} for example.
 *
 * @param first its lowest address
 * @param length how many leading bits its addresses share
 */
public record IpPrefix(IpAddress first, int length) {
    /** The range of a text; null if it is none. Bits behind the length are cut off. */
    public static @Nullable IpPrefix parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        int slash = text.indexOf('/');
        if (slash < 0) {
            return null;
        }
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        String bits = text.substring(slash + 1);
        if (address == null || !bits.matches("[0-9]{1,3}")) {
            return null;
        }
        int length = Integer.parseInt(bits);
        if (length > address.bytes().length * 8) {
            return null;
        }
        return new IpPrefix(masked(address, length), length);
    }

    private static IpAddress masked(IpAddress address, int length) {
        byte[] bytes = Arrays.copyOf(address.bytes(), address.bytes().length);
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(length - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - kept));
        }
        return new IpAddress(bytes);
    }

    /** Whether an address lies in it. */
    public boolean contains(IpAddress address) {
        return address.isV6() == first.isV6() && masked(address, length).equals(first);
    }

    /** Whether all addresses of another range lie in it; its own do. */
    public boolean contains(IpPrefix other) {
        return other.length >= length && contains(other.first);
    }

    /** Whether they share an address. */
    public boolean overlaps(IpPrefix other) {
        return contains(other) || other.contains(this);
    }

    @Override
    public String toString() {
        return first + "/" + length;
    }
}
