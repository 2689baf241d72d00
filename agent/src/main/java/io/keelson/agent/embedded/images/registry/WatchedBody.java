package io.keelson.agent.embedded.images.registry;

import io.keelson.agent.embedded.images.ImageProblem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * An answer's body that must keep coming: if in some window of time fewer bytes come than must, it is closed, and
 * whoever reads gets an error.
 */
final class WatchedBody extends FilterInputStream {
    private final Thread watch;
    private volatile long read;
    private volatile boolean stalled;
    private volatile boolean waiting;

    WatchedBody(InputStream in, RegistryLimits limits) {
        super(in);
        this.watch = Thread.ofVirtual().name("registry-body").start(() -> watch(limits));
    }

    private void watch(RegistryLimits limits) {
        long before = 0;
        try {
            while (true) {
                Thread.sleep(limits.window());
                long now = read;
                // Nobody is to blame but us while nobody reads.
                if (waiting && now - before < limits.windowBytes()) {
                    stalled = true;
                    super.close();
                    return;
                }
                before = now;
            }
        } catch (InterruptedException e) {
            // The body was closed.
        } catch (IOException e) {
            // It fails for the reader, too.
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread reads.
    public int read(byte[] buffer, int from, int length) throws IOException {
        waiting = true;
        try {
            int got = super.read(buffer, from, length);
            if (stalled) {
                throw silent();
            }
            read += Math.max(0, got);
            return got;
        } catch (IOException e) {
            throw stalled ? silent() : e;
        } finally {
            waiting = false;
        }
    }

    private static ImageProblem silent() {
        return new ImageProblem(
                ImageProblem.Kind.UNREACHABLE, "the registry stopped sending in the middle of an answer");
    }

    @Override
    public void close() throws IOException {
        watch.interrupt();
        super.close();
    }
}
