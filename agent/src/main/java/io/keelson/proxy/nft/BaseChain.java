package io.keelson.proxy.nft;

/**
 * A chain that packets come to by themselves.
 *
 * @param type {@code nat} or {@code filter}
 * @param hook where in the kernel
 * @param priority among others there; lower comes first
 */
record BaseChain(String name, String type, int hook, int priority) {
    static final int PREROUTING = 0;
    static final int INPUT = 1;
    static final int FORWARD = 2;
    static final int OUTPUT = 3;
    static final int POSTROUTING = 4;
}
