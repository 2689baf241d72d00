package io.keelson.proxy.nft;

import io.keelson.agent.netlink.NetlinkWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The expressions of one rule, in the order in which the kernel evaluates them. They hand values on in registers of four bytes,
 * numbered from {@link #REGISTERS} on; a longer value takes as many of them as it needs.
 *
 * <p>Each method, or several of them, come to what the program {@code nft} would write for something that can be said in its
 * language, so that it can list them.
 */
final class Expressions {
    /** The first register of four bytes. */
    static final int REGISTERS = 8;

    private static final int VERDICT_REGISTER = 0;
    private static final int NETWORK_HEADER = 1;
    private static final int TRANSPORT_HEADER = 2;
    private static final int EQUAL = 0;
    private static final int NOT_EQUAL = 1;
    private static final int META_MARK = 3;
    private static final int META_INPUT_NAME = 6;
    private static final int META_TRANSPORT = 16;
    private static final int CT_STATE = 0;
    private static final int CT_STATE_NEW = 8;
    private static final int FIB_SOURCE = 1;
    private static final int FIB_DESTINATION = 2;
    private static final int FIB_ADDRESS_TYPE = 3;
    private static final int TYPE_LOCAL = 2;
    private static final int RANDOM = 1;
    private static final int UPDATE = 1;
    private static final int DESTINATION_NAT = 1;
    private static final int RANDOM_FULLY = 16;
    private static final byte TCP = 6;
    private static final int REJECT_ICMP = 0;
    private static final int REJECT_RESET = 1;
    private static final int PORT_UNREACHABLE = 3;
    private static final int PORT_UNREACHABLE_V6 = 4;
    private static final int NAME_BYTES = 16;

    private final NetlinkWriter writer = new NetlinkWriter(0);
    private final boolean isV6;

    Expressions(boolean isV6) {
        this.isV6 = isV6;
    }

    /** How many registers an address takes. */
    int addressRegisters() {
        return isV6 ? 4 : 1;
    }

    private int addressBytes() {
        return isV6 ? 16 : 4;
    }

    private interface Body {
        void write();
    }

    private Expressions add(String name, Body body) {
        int element = writer.nest(Nft.LIST_ELEMENT);
        writer.text(1, name);
        int data = writer.nest(2);
        body.write();
        writer.unnest(data);
        writer.unnest(element);
        return this;
    }

    private static byte[] native32(int number) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array();
    }

    private void data(int type, byte[] value) {
        int data = writer.nest(type);
        writer.bytes(Nft.DATA_VALUE, value);
        writer.unnest(data);
    }

    private Expressions payload(int base, int offset, int length, int register) {
        return add(
                "payload",
                () -> writer.number32(1, register)
                        .number32(2, base)
                        .number32(3, offset)
                        .number32(4, length));
    }

    private Expressions compare(int register, int operation, byte[] value) {
        return add("cmp", () -> {
            writer.number32(1, register).number32(2, operation);
            data(3, value);
        });
    }

    private Expressions bits(int register, byte[] mask, byte[] xor) {
        return add("bitwise", () -> {
            writer.number32(1, register).number32(2, register).number32(3, mask.length);
            data(4, mask);
            data(5, xor);
        });
    }

    private Expressions meta(int key, int register) {
        return add("meta", () -> writer.number32(1, register).number32(2, key));
    }

    Expressions source(int register) {
        return payload(NETWORK_HEADER, isV6 ? 8 : 12, addressBytes(), register);
    }

    Expressions destination(int register) {
        return payload(NETWORK_HEADER, isV6 ? 24 : 16, addressBytes(), register);
    }

    Expressions transport(int register) {
        return meta(META_TRANSPORT, register);
    }

    Expressions destinationPort(int register) {
        return payload(TRANSPORT_HEADER, 2, 2, register);
    }

    /** Goes on if the source, or else the destination, lies in a range; or if it does not. */
    Expressions inRange(boolean isSource, byte[] first, int length, boolean isInverted) {
        byte[] mask = new byte[first.length];
        for (int bit = 0; bit < length; bit++) {
            mask[bit >> 3] |= (byte) (0x80 >>> (bit & 7));
        }
        Expressions loaded = isSource ? source(REGISTERS) : destination(REGISTERS);
        if (length < first.length * Byte.SIZE) {
            loaded = loaded.bits(REGISTERS, mask, new byte[mask.length]);
        }
        return loaded.compare(REGISTERS, isInverted ? NOT_EQUAL : EQUAL, first);
    }

    /** Goes on if the packet came in at an interface of this name, or one that begins with it; or if it did not. */
    Expressions inputName(String name, boolean isPrefix, boolean isInverted) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        return meta(META_INPUT_NAME, REGISTERS)
                .compare(
                        REGISTERS, isInverted ? NOT_EQUAL : EQUAL, isPrefix ? ascii : Arrays.copyOf(ascii, NAME_BYTES));
    }

    /** Goes on if the packet begins a connection. */
    Expressions isNew() {
        return add("ct", () -> writer.number32(1, REGISTERS).number32(2, CT_STATE))
                .bits(REGISTERS, native32(CT_STATE_NEW), new byte[4])
                .compare(REGISTERS, NOT_EQUAL, new byte[4]);
    }

    /** Goes on if the source, or else the destination, is an address of this machine. */
    Expressions isOfMachine(boolean isSource) {
        return add(
                        "fib",
                        () -> writer.number32(1, REGISTERS)
                                .number32(2, FIB_ADDRESS_TYPE)
                                .number32(3, isSource ? FIB_SOURCE : FIB_DESTINATION))
                .compare(REGISTERS, EQUAL, native32(TYPE_LOCAL));
    }

    /** Goes on if the packet's mark has a bit. */
    Expressions isMarked(int bit) {
        return meta(META_MARK, REGISTERS)
                .bits(REGISTERS, native32(bit), new byte[4])
                .compare(REGISTERS, EQUAL, native32(bit));
    }

    /** Gives the packet's mark a bit, or takes it away. */
    Expressions mark(int bit, boolean isSet) {
        return meta(META_MARK, REGISTERS)
                .bits(REGISTERS, native32(~bit), native32(isSet ? bit : 0))
                .add("meta", () -> writer.number32(2, META_MARK).number32(3, REGISTERS));
    }

    /** Goes on if a set has what begins in a register; or if it has not. */
    Expressions has(String set, int register, boolean isInverted) {
        return add("lookup", () -> writer.text(1, set).number32(2, register).number32(5, isInverted ? 1 : 0));
    }

    /** Goes on with what a map has under what begins in a register. */
    Expressions map(String map, int register, int to) {
        return add("lookup", () -> writer.text(1, map).number32(2, register).number32(3, to));
    }

    /** Goes where a map leads to under what begins in a register, if anywhere. */
    Expressions verdict(String map, int register) {
        return map(map, register, VERDICT_REGISTER);
    }

    private Expressions verdict(int code, String chain) {
        return add("immediate", () -> {
            writer.number32(1, VERDICT_REGISTER);
            int data = writer.nest(2);
            int verdict = writer.nest(Nft.DATA_OF_VERDICT);
            writer.number32(Nft.VERDICT_CODE, code);
            if (!chain.isEmpty()) {
                writer.text(Nft.VERDICT_CHAIN, chain);
            }
            writer.unnest(verdict);
            writer.unnest(data);
        });
    }

    Expressions jump(String chain) {
        return verdict(Nft.JUMP, chain);
    }

    Expressions goTo(String chain) {
        return verdict(Nft.GOTO, chain);
    }

    Expressions drop() {
        return verdict(Nft.DROP, "");
    }

    /** Goes on if the packet is one of TCP. */
    Expressions isTcp() {
        return transport(REGISTERS).compare(REGISTERS, EQUAL, new byte[] {TCP});
    }

    /** Refuses it as TCP itself does where nobody listens. */
    Expressions reset() {
        return add("reject", () -> writer.number32(1, REJECT_RESET).number8(2, 0));
    }

    /** Refuses it as a port that nobody listens at. */
    Expressions reject() {
        return add(
                "reject",
                () -> writer.number32(1, REJECT_ICMP).number8(2, isV6 ? PORT_UNREACHABLE_V6 : PORT_UNREACHABLE));
    }

    private Expressions random(int below, int first, int register) {
        return add(
                "numgen",
                () -> writer.number32(1, register)
                        .number32(2, below)
                        .number32(3, RANDOM)
                        .number32(4, first));
    }

    /** A random number below another. */
    Expressions random(int below, int register) {
        return random(below, 0, register);
    }

    /** A certain number, said as the only one of a range: the language has no other way for a part of a key. */
    Expressions number(int number, int register) {
        return random(1, number, register);
    }

    /** Goes on once in so many times. */
    Expressions oneOf(int times) {
        return times == 1 ? this : random(times, REGISTERS).compare(REGISTERS, EQUAL, new byte[4]);
    }

    /** Puts what begins in a register into a set, or lets it stay there for longer; goes on if that could be. */
    Expressions remember(String set, int key, long millis) {
        return add(
                "dynset",
                () -> writer.text(1, set).number32(3, UPDATE).number32(4, key).number64(6, millis));
    }

    /** Sends the connection to the address that begins in a register, and the port behind it. */
    Expressions translate(int register) {
        return add(
                "nat",
                () -> writer.number32(1, DESTINATION_NAT)
                        .number32(2, isV6 ? 10 : 2)
                        .number32(3, register)
                        .number32(5, register + addressRegisters()));
    }

    /** Gives the connection an address of this machine as its source. */
    Expressions masquerade() {
        return add("masq", () -> writer.number32(1, RANDOM_FULLY));
    }

    /** All of them, as attributes. */
    byte[] written() {
        return writer.written();
    }
}
