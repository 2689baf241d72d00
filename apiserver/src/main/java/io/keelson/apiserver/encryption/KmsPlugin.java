package io.keelson.apiserver.encryption;

import io.grpc.MethodDescriptor;
import io.keelson.apiserver.plugin.PluginChannel;
import io.keelson.apiserver.plugin.PluginException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** A KMS plugin on this machine, spoken to over a unix socket with gRPC. Calls wait for it for as long as the timeout. */
final class KmsPlugin implements KmsService {
    private static final String SERVICE = "v2.KeyManagementService";
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private static final MethodDescriptor<byte[], byte[]> STATUS = PluginChannel.method(SERVICE, "Status");
    private static final MethodDescriptor<byte[], byte[]> ENCRYPT = PluginChannel.method(SERVICE, "Encrypt");
    private static final MethodDescriptor<byte[], byte[]> DECRYPT = PluginChannel.method(SERVICE, "Decrypt");

    private final PluginChannel channel;
    private final Duration timeout;
    private final EncryptionMetrics.Plugin metrics;

    private KmsPlugin(PluginChannel channel, Duration timeout, EncryptionMetrics.Plugin metrics) {
        this.channel = channel;
        this.timeout = timeout;
        this.metrics = metrics;
    }

    /**
     * A plugin, whether it is there or not.
     *
     * @param endpoint {@code unix:///run/plugin.sock}
     * @throws EncryptionException if that is no path of a socket
     */
    static KmsPlugin at(String endpoint, Duration timeout, EncryptionMetrics.Plugin metrics)
            throws EncryptionException {
        String path = endpoint.substring(endpoint.indexOf(':') + 1).replaceFirst("^//", "");
        if (!path.startsWith("/") || path.startsWith("/@") || path.length() == 1) {
            throw new EncryptionException("invalid endpoint " + endpoint + ": the path of a socket is wanted");
        }
        return new KmsPlugin(PluginChannel.to(Path.of(path), "kms", ANSWER_BYTES_MAX), timeout, metrics);
    }

    @Override
    public Status status() throws GeneralSecurityException {
        KmsMessages.Reader answer = call(STATUS, new KmsMessages.Writer(), 0);
        return new Status(answer.text(1), answer.text(2), answer.text(3));
    }

    @Override
    public Encrypted encrypt(String uid, byte[] plain) throws GeneralSecurityException {
        KmsMessages.Reader answer =
                call(ENCRYPT, new KmsMessages.Writer().bytes(1, plain).text(2, uid), 3);
        return new Encrypted(answer.bytes(1), answer.text(2), answer.map(3));
    }

    @Override
    public byte[] decrypt(String uid, Encrypted encrypted) throws GeneralSecurityException {
        KmsMessages.Writer request = new KmsMessages.Writer()
                .bytes(1, encrypted.bytes())
                .text(2, uid)
                .text(3, encrypted.keyId())
                .map(4, encrypted.annotations());
        return call(DECRYPT, request, 0).bytes(1);
    }

    private KmsMessages.Reader call(MethodDescriptor<byte[], byte[]> method, KmsMessages.Writer request, int mapField)
            throws GeneralSecurityException {
        long start = System.nanoTime();
        String status = PluginChannel.OK;
        byte[] answer;
        try {
            answer = channel.call(method, request.done(), timeout);
        } catch (PluginException e) {
            status = e.status();
            throw new GeneralSecurityException(e.getMessage(), e);
        } finally {
            metrics.called("/" + method.getFullMethodName(), status, System.nanoTime() - start);
        }
        try {
            return new KmsMessages.Reader(answer, mapField);
        } catch (IOException e) {
            throw new GeneralSecurityException("the plugin's answer cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
