package io.keelson.apiserver.certs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys and certificates of a cluster in a folder, under the names kubeadm uses where it has them. What is missing is
 * made; what nears its end, was signed by another authority or does not hold for all names is made again. An authority or
 * the key of service accounts is never replaced: others trust it. A folder is used by one process at a time while it is
 * {@link #open opened}; several may read it afterwards.
 *
 * <pre>
 * ca.crt ca.key                                   signs what servers show
 * apiserver.crt apiserver.key                     what this server shows
 * client-ca.crt client-ca.key                     signs what clients show
 * admin.crt admin.key                             system:masters
 * apiserver-kubelet-client.crt …                  what this server shows to nodes
 * front-proxy-ca.crt … front-proxy-client.crt …   what this server shows to aggregated servers
 * sa.key sa.pub                                   tokens of service accounts
 * .checked                                        what all files were when they were last found to go together
 * </pre>
 *
 * Keys have mode 600, the folder 700. That keys belong to their certificates, and these to their authorities, is computed
 * when a file has changed, not at every start: it takes longer than all else that is done here.
 */
public record PkiFolder(Path folder) {
    private static final Logger log = LoggerFactory.getLogger(PkiFolder.class);

    private static final String CHECKED = ".checked";

    public Path certificate(String name) {
        return folder.resolve(name + ".crt");
    }

    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /**
     * Reads everything, and makes what is missing or has to be replaced.
     *
     * @param tokenKey the kind of key to make for service accounts if there is none
     * @throws IOException if the folder cannot be used, or a file in it cannot be read: nothing is overwritten then
     */
    public ClusterPki open(PkiNames names, SigningKey tokenKey, Instant now) throws IOException {
        return opened(now, opening -> opening.open(names, tokenKey));
    }

    /**
     * What a further client shows to the API; made if it is not there, has to be replaced, or is that of somebody else. In an
     * {@link #open opened} folder.
     *
     * @param file its name without its ending
     */
    public Credential client(String file, CertificateProfile profile, Instant now) throws IOException {
        return opened(
                now, opening -> opening.client(file, opening.authority("client-ca", "kubernetes-client-ca"), profile));
    }

    /**
     * What the members of a store on this machine show each other and their clients, in a folder of its own: the authority
     * {@code ca}, {@code server} and {@code client}. Made where it is not there, or has to be replaced.
     */
    public void openStore(Instant now) throws IOException {
        var _ = opened(now, opening -> {
            CertificateAuthority store = opening.authority("ca", "etcd-ca");
            var _ = opening.credential(
                    "server", store, CertificateProfile.server("etcd", List.of("localhost", "127.0.0.1")));
            return opening.credential("client", store, CertificateProfile.client("etcd-client"));
        });
    }

    /** What is read, or made, while nobody else is at it. */
    private interface Work<T> {
        T in(Opening opening) throws IOException, GeneralSecurityException;
    }

    private <T> T opened(Instant now, Work<T> work) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (FileChannel lock =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            T found = work.in(new Opening(now, !digest().equals(checked())));
            String digest = digest();
            if (!digest.equals(checked())) {
                PrivateFile.write(folder.resolve(CHECKED), digest.getBytes(StandardCharsets.US_ASCII));
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make certificates in " + folder + ": " + e.getMessage(), e);
        }
    }

    private String checked() throws IOException {
        Path file = folder.resolve(CHECKED);
        return Files.exists(file) ? Files.readString(file, StandardCharsets.US_ASCII) : "";
    }

    /** Of the names and contents of all certificates and keys, in hexadecimal. */
    private String digest() throws IOException, GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".crt")
                            || file.toString().endsWith(".key")
                            || file.toString().endsWith(".pub"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            digest.update((file.getFileName() + " " + content.length + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(content);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What is done while the folder is open. */
    private final class Opening {
        private final Instant now;
        private final boolean changed;

        /** @param changed whether it has to be computed what goes together */
        Opening(Instant now, boolean changed) {
            this.now = now;
            this.changed = changed;
        }

        ClusterPki open(PkiNames names, SigningKey tokenKey) throws IOException, GeneralSecurityException {
            CertificateAuthority cluster = authority("ca", "kubernetes-ca");
            CertificateAuthority clients = authority("client-ca", "kubernetes-client-ca");
            CertificateAuthority frontProxy = authority("front-proxy-ca", "kubernetes-front-proxy-ca");
            return new ClusterPki(
                    cluster,
                    credential("apiserver", cluster, CertificateProfile.server("kube-apiserver", names.hosts())),
                    clients,
                    credential("admin", clients, CertificateProfile.client("kubernetes-admin", "system:masters")),
                    credential(
                            "apiserver-kubelet-client",
                            clients,
                            CertificateProfile.client("kube-apiserver-kubelet-client", "system:masters")),
                    frontProxy,
                    credential("front-proxy-client", frontProxy, CertificateProfile.client(ClusterPki.FRONT_PROXY)),
                    tokenKey(tokenKey));
        }

        private CertificateAuthority authority(String file, String commonName)
                throws IOException, GeneralSecurityException {
            if (Files.exists(certificate(file))) {
                if (!Files.exists(key(file))) {
                    throw new IOException(certificate(file) + " is there, but its key " + key(file) + " is not");
                }
                Credential credential = read(file);
                if (credential.nearExpiry(now)) {
                    log.warn(
                            "the authority in {} ends at {} and has to be replaced by hand",
                            certificate(file),
                            credential.certificate().getNotAfter().toInstant());
                }
                return new CertificateAuthority(credential);
            }
            CertificateAuthority authority = CertificateAuthority.create(commonName, now);
            write(file, authority.credential());
            return authority;
        }

        private Credential credential(String file, CertificateAuthority authority, CertificateProfile profile)
                throws IOException, GeneralSecurityException {
            if (Files.exists(certificate(file)) && Files.exists(key(file))) {
                Credential credential = read(file);
                if ((!changed || credential.issuedBy(authority.certificate()))
                        && !credential.nearExpiry(now)
                        && hosts(credential.certificate()).containsAll(profile.hosts())) {
                    return credential;
                }
                log.info("replacing the certificate in {}", certificate(file));
            }
            return made(file, authority, profile);
        }

        /** The same for one whose name may be another than at its last start, as that of a node. */
        Credential client(String file, CertificateAuthority authority, CertificateProfile profile)
                throws IOException, GeneralSecurityException {
            Credential found = credential(file, authority, profile);
            if (CertificateAuthority.isOf(found.certificate(), profile)) {
                return found;
            }
            log.info("replacing the certificate in {}: it is now that of {}", certificate(file), profile.commonName());
            return made(file, authority, profile);
        }

        private Credential made(String file, CertificateAuthority authority, CertificateProfile profile)
                throws IOException, GeneralSecurityException {
            Credential credential = authority.issue(profile, now);
            write(file, credential);
            return credential;
        }

        private Credential read(String file) throws IOException {
            Credential credential;
            try {
                credential = Credential.read(certificate(file), key(file));
            } catch (IOException e) {
                throw new IOException("cannot read " + certificate(file) + " and its key: " + e.getMessage(), e);
            }
            if (changed && !credential.matches()) {
                throw new IOException(key(file) + " is not the key of " + certificate(file));
            }
            return credential;
        }

        /** The key first: a certificate without a key would be a fault, a key without a certificate is made again. */
        private void write(String file, Credential credential) throws IOException {
            PrivateFile.write(key(file), Pem.encode(credential.key()));
            PrivateFile.writePublic(certificate(file), Pem.encode(credential.certificate()));
        }

        private KeyPair tokenKey(SigningKey kind) throws IOException {
            Path file = key("sa");
            Path publicFile = folder.resolve("sa.pub");
            KeyPair pair;
            if (Files.exists(file)) {
                PrivateKey key = Pem.privateKey(Files.readAllBytes(file));
                pair = new KeyPair(SigningKey.publicOf(key), key);
            } else {
                pair = kind.generate();
                PrivateFile.write(file, Pem.encode(pair));
            }
            if (!Files.exists(publicFile)) {
                PrivateFile.writePublic(publicFile, Pem.encode(pair.getPublic()));
            }
            return pair;
        }
    }

    private static Set<String> hosts(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            Set<String> hosts = new HashSet<>();
            if (names != null) {
                names.forEach(name -> hosts.add(String.valueOf(name.get(1))));
            }
            return hosts;
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }
}
