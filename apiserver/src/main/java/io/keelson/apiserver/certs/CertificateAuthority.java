package io.keelson.apiserver.certs;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs certificates. */
public record CertificateAuthority(Credential credential) {
    /** How long an authority made here holds. */
    public static final Duration LIFE = Duration.ofDays(3650);

    /** Clocks of other machines may be behind by so much. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A new authority, signed by itself. */
    public static CertificateAuthority create(String commonName, Instant now) throws GeneralSecurityException {
        KeyPair pair = SigningKey.EC_P256.generate();
        X500Name name = new X500Name(new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build()
                .getRDNs());
        try {
            X509v3CertificateBuilder builder = begin(name, name, now, now.plus(LIFE), pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                    .addExtension(
                            Extension.keyUsage,
                            true,
                            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(new Credential(sign(builder, pair.getPrivate()), pair.getPrivate()));
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot make a certificate authority: " + e.getMessage(), e);
        }
    }

    public X509Certificate certificate() {
        return credential.certificate();
    }

    /** A certificate with a new key, on P-256. */
    public Credential issue(CertificateProfile profile, Instant now) throws GeneralSecurityException {
        return issue(profile, SigningKey.EC_P256, now);
    }

    /** A certificate with a new key of a kind. */
    public Credential issue(CertificateProfile profile, SigningKey kind, Instant now) throws GeneralSecurityException {
        KeyPair pair = kind.generate();
        return new Credential(issue(profile, pair.getPublic(), now), pair.getPrivate());
    }

    /** A certificate for a key that somebody else has; it does not outlive the authority. */
    public X509Certificate issue(CertificateProfile profile, PublicKey key, Instant now)
            throws GeneralSecurityException {
        Instant end = now.plus(profile.life());
        Instant authorityEnd = certificate().getNotAfter().toInstant();
        X500Name issuer =
                X500Name.getInstance(certificate().getSubjectX500Principal().getEncoded());
        try {
            X509v3CertificateBuilder builder = begin(
                            issuer, subject(profile), now, end.isAfter(authorityEnd) ? authorityEnd : end, key)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(
                            Extension.keyUsage,
                            true,
                            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate()));
            if (!profile.usages().isEmpty()) {
                KeyPurposeId[] purposes = profile.usages().stream()
                        .sorted()
                        .map(usage -> switch (usage) {
                            case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                            case SERVER -> KeyPurposeId.id_kp_serverAuth;
                        })
                        .toArray(KeyPurposeId[]::new);
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
            }
            if (!profile.hosts().isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, names(profile.hosts()));
            }
            return sign(builder, credential.key());
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot make a certificate: " + e.getMessage(), e);
        }
    }

    /** Whether a certificate is that of somebody a profile describes: of the same name and groups. */
    static boolean isOf(X509Certificate certificate, CertificateProfile profile) throws GeneralSecurityException {
        try {
            return certificate
                    .getSubjectX500Principal()
                    .getName()
                    .equals(new X500Principal(subject(profile).getEncoded()).getName());
        } catch (IOException e) {
            throw new GeneralSecurityException("cannot make the name of a certificate: " + e.getMessage(), e);
        }
    }

    private static X500Name subject(CertificateProfile profile) {
        X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE);
        for (String organization : profile.organizations()) {
            subject.addRDN(BCStyle.O, organization);
        }
        return subject.addRDN(BCStyle.CN, profile.commonName()).build();
    }

    private static X509v3CertificateBuilder begin(
            X500Name issuer, X500Name subject, Instant now, Instant end, PublicKey key) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, RANDOM).add(BigInteger.ONE),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(end),
                subject,
                key);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("cannot sign with the authority's key: " + e.getMessage(), e);
        }
    }

    private static GeneralNames names(List<String> hosts) {
        List<GeneralName> names = new ArrayList<>();
        for (String host : hosts) {
            names.add(new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }
}
