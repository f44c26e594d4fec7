/** A name of a pod, as Kubernetes bounds it. */
const POD = "[a-z0-9][-.a-z0-9]{0,252}";

/** Where `kubectl describe pod`, tables of events and messages of the kubelet name the pod. */
const PLACES: readonly RegExp[] = [
  new RegExp(`^Name:[ \\t]+(${POD})[ \\t]*\\r?$`, "gm"),
  new RegExp(`\\bSuccessfully assigned [a-z0-9][-a-z0-9]{0,62}/(${POD}) to `, "g"),
  new RegExp(`\\bin pod "?(${POD})_[a-z0-9][-a-z0-9]{0,62}\\(`, "g"),
  new RegExp(`[ \\t]pod/(${POD})[ \\t]`, "g"),
];

/** The pods that the text around a refusal names, each once; the request itself need not be in it. */
export function namedPods(text: string): readonly string[] {
  const names = PLACES.flatMap((place) =>
    [...text.matchAll(place)].flatMap(([, name]) => (name === undefined ? [] : [name])),
  );
  return [...new Set(names)];
}
