package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Bytes that do not change: keys and values of the kernel's maps. */
public final class Octets implements Comparable<Octets> {
    /** None. */
    public static final Octets EMPTY = new Octets(new byte[0]);

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Certain ones. */
    public static Octets of(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /** Those of an address. */
    public static Octets of(IpAddress address) {
        return new Octets(InetAddress.ofLiteral(address.toString()).getAddress());
    }

    /** Some and others behind them. */
    public Octets then(Octets more) {
        byte[] both = Arrays.copyOf(bytes, bytes.length + more.bytes.length);
        System.arraycopy(more.bytes, 0, both, bytes.length, more.bytes.length);
        return new Octets(both);
    }

    /** A part of them. */
    public Octets slice(int from, int to) {
        return new Octets(Arrays.copyOfRange(bytes, from, to));
    }

    /** One of them, 0 to 255. */
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    /** How many. */
    public int length() {
        return bytes.length;
    }

    /** A copy. */
    public byte[] toArray() {
        return bytes.clone();
    }

    @Override
    public int compareTo(Octets other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
