// A Kubernetes API server with its store in one process, and kubectl beside it, for tests of the objects that
// `contrast resources` prints. Nothing of the server is replaced: it checks, completes and admits as in a cluster.
//
//	kubernetes-api serve DIRECTORY    until standard input ends; prints one line when DIRECTORY/kubeconfig can be used
//	kubernetes-api kubectl ARGS...
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

const token = "administrator-of-this-test"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "kubectl" {
		os.Args = os.Args[1:]
		if err := kubectl.NewDefaultKubectlCommand().Execute(); err != nil {
			os.Exit(1)
		}
		return
	}
	if len(os.Args) != 3 || os.Args[1] != "serve" {
		fmt.Fprintln(os.Stderr, "usage: kubernetes-api serve DIRECTORY | kubectl ARGS...")
		os.Exit(2)
	}
	if err := serve(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(directory string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	// Whoever started it holds the other end; nothing is left behind when that process ends.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	store, err := startStore(directory)
	if err != nil {
		return err
	}
	defer store.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(directory, "kubeconfig")
	completed, err := serverOptions(ctx, directory, "http://"+store.Clients[0].Addr().String(), listener)
	if err != nil {
		return err
	}
	if err := writeKubeconfig(kubeconfig, "https://"+listener.Addr().String()); err != nil {
		return err
	}
	go announce(ctx, kubeconfig)
	return app.Run(ctx, completed)
}

func startStore(directory string) (*embed.Etcd, error) {
	config := embed.NewConfig()
	config.Dir = filepath.Join(directory, "etcd")
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	anyPort, err := url.Parse("http://127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	config.ListenClientUrls = []url.URL{*anyPort}
	config.AdvertiseClientUrls = []url.URL{*anyPort}
	config.ListenPeerUrls = []url.URL{*anyPort}
	config.AdvertisePeerUrls = []url.URL{*anyPort}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	store, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	<-store.Server.ReadyNotify()
	return store, nil
}

func serverOptions(ctx context.Context, directory, store string, listener net.Listener) (options.CompletedOptions, error) {
	tokens := filepath.Join(directory, "tokens")
	if err := os.WriteFile(tokens, []byte(token+",administrator,administrator,system:masters\n"), 0o600); err != nil {
		return options.CompletedOptions{}, err
	}
	server := options.NewServerRunOptions()
	flags := map[string]string{
		"etcd-servers":                     store,
		"cert-dir":                         filepath.Join(directory, "certificates"),
		"token-auth-file":                  tokens,
		"authorization-mode":               "RBAC",
		"allow-privileged":                 "true",
		"service-cluster-ip-range":         "10.0.0.0/24",
		"service-account-issuer":           "https://kubernetes.default.svc",
		"service-account-signing-key-file": filepath.Join(directory, "service-account.key"),
		"service-account-key-file":         filepath.Join(directory, "service-account.key"),
		// Nobody makes the ServiceAccounts of namespaces here; that is the work of a controller.
		"disable-admission-plugins": "ServiceAccount",
	}
	if err := writeSigningKey(flags["service-account-key-file"]); err != nil {
		return options.CompletedOptions{}, err
	}
	for _, set := range server.Flags().FlagSets {
		for name, value := range flags {
			if set.Lookup(name) == nil {
				continue
			}
			if err := set.Set(name, value); err != nil {
				return options.CompletedOptions{}, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	server.SecureServing.Listener = listener
	server.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return options.CompletedOptions{}, err
	}
	completed, err := server.Complete(ctx)
	if err != nil {
		return options.CompletedOptions{}, err
	}
	return completed, utilerrors.NewAggregate(completed.Validate())
}

// announce waits until the namespaces are there that a server makes by itself.
func announce(ctx context.Context, kubeconfig string) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return
	}
	for ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
		if _, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx); err != nil {
			continue
		}
		if hasNamespaces(ctx, client) {
			version, err := client.Discovery().ServerVersion()
			if err == nil {
				fmt.Println("ready", version.GitVersion)
			}
			return
		}
	}
}
