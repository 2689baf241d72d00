package io.keelson.kvstore.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate made on the spot for {@code --auto-tls} or {@code --peer-auto-tls}, kept in a directory and used again until it runs out.
 *
 * @param certFile PEM
 * @param keyFile PEM, readable by the owner only
 */
public record SelfSigned(Path certFile, Path keyFile) {
    /**
     * Finds the certificate, or makes one.
     *
     * @param hosts names and addresses it is to hold for
     * @param years for which it is to hold
     */
    public static SelfSigned in(Path directory, Collection<String> hosts, int years) throws IOException {
        SelfSigned files = new SelfSigned(directory.resolve("cert.pem"), directory.resolve("key.pem"));
        try {
            if (!files.usable()) {
                Files.createDirectories(directory);
                files.make(hosts, years);
            }
            return files;
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a certificate in " + directory + ": " + e.getMessage(), e);
        }
    }

    private boolean usable() throws IOException, GeneralSecurityException {
        if (!Files.exists(certFile) || !Files.exists(keyFile)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(certFile)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in)
                            instanceof X509Certificate certificate
                    && certificate.getNotAfter().toInstant().isAfter(Instant.now());
        }
    }

    private void make(Collection<String> hosts, int years)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        X500Name name = new X500Name("O=keelson");
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.atOffset(ZoneOffset.UTC)
                                .plus(Period.ofYears(years))
                                .toInstant()),
                        name,
                        pair.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                }))
                .addExtension(Extension.subjectAlternativeName, false, names(hosts));
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        write(keyFile, new JcaPKCS8Generator(pair.getPrivate(), null), "rw-------");
        write(certFile, certificate, "rw-r--r--");
    }

    private static GeneralNames names(Collection<String> hosts) {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.dNSName, "localhost"));
        for (String host : hosts) {
            String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
            boolean address = bare.matches("[0-9.]+") || bare.contains(":");
            if (!bare.isEmpty() && !bare.equals("localhost")) {
                names.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, bare));
            }
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static void write(Path file, Object content, String permissions) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(content);
        }
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        Files.writeString(file, text.toString());
    }
}
