import { defineJobs, job } from 'holdfast';

/** The jobs of the app that the pages are about. */
export const jobs = defineJobs({
  'note.push': job<{ id: string; text: string }>(),
  'message.send': job<{ text: string }>(),
  'mail.send': job<{ to: string }>(),
  'photo.push': job<{ id: string }>(),
  thumbnail: job<{ pixels: ArrayBuffer }>(),
  webhook: job<{ url: string }>(),
});
