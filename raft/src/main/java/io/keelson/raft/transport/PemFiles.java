package io.keelson.raft.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys in PEM files, in the forms that the tools of this world write: PKCS#8 ({@code BEGIN
 * PRIVATE KEY}), PKCS#1 ({@code BEGIN RSA PRIVATE KEY}) and SEC 1 ({@code BEGIN EC PRIVATE KEY}). Every failure names
 * the file and the reason.
 */
public final class PemFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+?)-----END \\1-----");

    /** DER of the algorithm identifier {@code rsaEncryption, NULL}. */
    private static final byte[] RSA_ALGORITHM = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** DER of the object identifier {@code id-ecPublicKey}. */
    private static final byte[] EC_ALGORITHM = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private static final int DER_INTEGER = 0x02;
    private static final int DER_OCTET_STRING = 0x04;
    private static final int DER_SEQUENCE = 0x30;
    private static final int DER_EXPLICIT_0 = 0xa0;

    private PemFiles() {}

    /**
     * Reads all certificates of a file, in their order.
     *
     * @throws IOException if the file cannot be read, or holds no certificate or a broken one
     */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(read(file));
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (blocks.find()) {
                if (blocks.group(1).endsWith("CERTIFICATE")) {
                    byte[] der = decode(file, blocks.group(2));
                    certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
                }
            }
        } catch (CertificateException e) {
            throw new IOException(
                    file + ": certificate " + (certificates.size() + 1) + " is broken: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IOException(file + ": holds no certificate in PEM form");
        }
        return certificates;
    }

    /**
     * Reads the private key of a file.
     *
     * @throws IOException if the file cannot be read, or holds no key, an encrypted one or one of an unknown kind
     */
    public static PrivateKey privateKey(Path file) throws IOException {
        Matcher blocks = BLOCK.matcher(read(file));
        while (blocks.find()) {
            byte[] der = decode(file, blocks.group(2));
            switch (blocks.group(1)) {
                case "PRIVATE KEY" -> {
                    return privateKey(file, der, "RSA", "EC", "Ed25519", "Ed448");
                }
                case "RSA PRIVATE KEY" -> {
                    return privateKey(file, wrap(RSA_ALGORITHM, der), "RSA");
                }
                case "EC PRIVATE KEY" -> {
                    return privateKey(file, wrap(ecAlgorithm(file, der), der), "EC");
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new IOException(file + ": the private key is encrypted, which is not supported");
                default -> {
                    // Parameters and certificates may stand in the same file.
                }
            }
        }
        throw new IOException(file + ": holds no private key in PEM form");
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] decode(Path file, String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": broken base64: " + e.getMessage(), e);
        }
    }

    private static PrivateKey privateKey(Path file, byte[] pkcs8, String... algorithms) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : algorithms) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw new IOException(
                file + ": the private key is neither of " + String.join(", ", algorithms) + ", or broken", last);
    }

    /** PKCS#8: {@code SEQUENCE { INTEGER 0, algorithm, OCTET STRING key }}. */
    private static byte[] wrap(byte[] algorithm, byte[] key) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(new byte[] {DER_INTEGER, 1, 0});
        content.writeBytes(algorithm);
        content.writeBytes(der(DER_OCTET_STRING, key));
        return der(DER_SEQUENCE, content.toByteArray());
    }

    /** The algorithm of a SEC 1 key: its curve stands in the key itself, under the explicit tag 0. */
    private static byte[] ecAlgorithm(Path file, byte[] key) throws IOException {
        int[] at = {0};
        byte[] sequence = element(file, key, at, DER_SEQUENCE);
        at[0] = 0;
        element(file, sequence, at, DER_INTEGER);
        element(file, sequence, at, DER_OCTET_STRING);
        byte[] curve = element(file, sequence, at, DER_EXPLICIT_0);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(EC_ALGORITHM);
        content.writeBytes(curve);
        return der(DER_SEQUENCE, content.toByteArray());
    }

    private static byte[] der(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.length;
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] element(Path file, byte[] der, int[] at, int tag) throws IOException {
        int i = at[0];
        if (i + 2 > der.length || (der[i] & 0xff) != tag) {
            throw new IOException(file + ": the EC private key is broken, or does not name its curve");
        }
        int length = der[i + 1] & 0xff;
        i += 2;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            if (bytes > 2 || i + bytes > der.length) {
                throw new IOException(file + ": the EC private key is broken");
            }
            length = 0;
            for (int b = 0; b < bytes; b++) {
                length = (length << 8) | (der[i++] & 0xff);
            }
        }
        if (i + length > der.length) {
            throw new IOException(file + ": the EC private key is cut short");
        }
        byte[] content = new byte[length];
        System.arraycopy(der, i, content, 0, length);
        at[0] = i + length;
        return content;
    }
}
